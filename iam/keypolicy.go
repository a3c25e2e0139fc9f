package iam

// decryptActions turn ciphertext into plaintext, or hand that right on (KMS
// Developer Guide, "Permissions reference").
var decryptActions = []actionPattern{
	compileAction("kms:Decrypt"),
	compileAction("kms:ReEncryptFrom"),
	compileAction("kms:CreateGrant"),
	compileAction("kms:PutKeyPolicy"),
}

func (s *Statement) decrypts() bool {
	for _, a := range decryptActions {
		if s.coverAction(a) != apart {
			return true
		}
	}
	return s.unread&actionElement != 0
}

// PublicDecrypt returns the statements of a key policy that let anybody decrypt, or
// give themselves that right: kms:Decrypt, kms:ReEncryptFrom, kms:CreateGrant,
// kms:PutKeyPolicy, in any spelling that includes them.
func PublicDecrypt(p *Policy, owner Owner) []StatementRef {
	return publicWhere(p, owner, (*Statement).decrypts)
}

// ForeignDecrypt returns who, other than the owner, may decrypt by the key policy,
// in the form of ForeignPrincipals. Grants are not part of a policy; see Grant.
func ForeignDecrypt(p *Policy, owner Owner) []string {
	return foreignWhere(p, owner, (*Statement).decrypts)
}
