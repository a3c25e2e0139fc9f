package iam

import "strings"

// S3Settings holds what takes part in decisions about buckets beside policies.
type S3Settings struct {
	// BlockPublic is RestrictPublicBuckets in effect, of bucket or account.
	BlockPublic bool
	// BlockUnread says why BlockPublic is not known; then it counts only where the
	// policy is public.
	BlockUnread string
	// IgnorePublicACLs in effect: list entries for everybody do not count.
	IgnorePublicACLs bool
	// ACLsDisabled: object ownership is BucketOwnerEnforced, no list counts.
	ACLsDisabled bool
	// ACLsUnread says why ACLsDisabled is not known; lists are taken to count then.
	ACLsUnread string
	// ABAC: tags of the bucket may be used in conditions; without it they are absent.
	ABAC        bool
	ACL         []ACLGrant
	Canonical   string // the caller's canonical user id, where known
	AccessPoint *AccessPoint
}

// ACLGrant is one entry of an access-control list.
type ACLGrant struct {
	// Grantee is "AllUsers", "AuthenticatedUsers" or a canonical user id.
	Grantee    string
	Permission string // READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL
	Object     bool   // of the object, not of the bucket
}

// AccessPoint is the access point through which a bucket is asked. Both its policy and
// the bucket's must let the request through (S3 User Guide, "Configuring IAM policies
// for using access points").
type AccessPoint struct {
	ARN     string // "arn:aws:s3:eu-west-1:111122223333:accesspoint/name"; empty: one that may be there and was not seen
	Account string
	Policy  *Policy
	Missing string // why its policy, or the access point itself, could not be read
	// VPC is the only one it takes requests from; empty when it takes them from the
	// internet.
	VPC string
	// Block is RestrictPublicBuckets in effect, of access point, bucket or account, and
	// BlockUnread why that is not known.
	Block       bool
	BlockUnread string
}

// aclActions says what a list entry allows (S3 User Guide, "Access control list (ACL)
// overview").
var aclActions = []struct {
	permission string
	object     bool
	actions    []string
}{
	{"READ", false, []string{"s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"}},
	{"WRITE", false, []string{"s3:putobject", "s3:deleteobject"}},
	{"READ_ACP", false, []string{"s3:getbucketacl"}},
	{"WRITE_ACP", false, []string{"s3:putbucketacl"}},
	{"READ", true, []string{"s3:getobject", "s3:getobjectversion"}},
	{"READ_ACP", true, []string{"s3:getobjectacl", "s3:getobjectversionacl"}},
	{"WRITE_ACP", true, []string{"s3:putobjectacl", "s3:putobjectversionacl"}},
}

// aclGrants returns the list entries that cover the request.
func (e *eval) aclGrants() []hit {
	s := e.env.S3
	if s.ACLsDisabled || e.req.service() != "s3" {
		return nil
	}
	var out []hit
	for i, g := range s.ACL {
		if g.allows(e.req.Action) && e.inList(g.Grantee) {
			out = append(out, hit{layer: LayerACL, ref: StatementRef{Policy: "acl " + g.Grantee, Index: i}, when: truth(true)})
		}
	}
	return out
}

func (e *eval) inList(grantee string) bool {
	s, p := e.env.S3, e.req.Principal
	switch grantee {
	case "AllUsers":
		return !s.IgnorePublicACLs
	case "AuthenticatedUsers":
		return !s.IgnorePublicACLs && p.hasIdentity()
	}
	return grantee != "" && grantee == s.Canonical
}

func (g ACLGrant) allows(action string) bool {
	for _, a := range aclActions {
		if a.object == g.Object && (a.permission == g.Permission || g.Permission == "FULL_CONTROL") && containsFold(a.actions, action) {
			return true
		}
	}
	return false
}

// publicBlock closes a bucket whose policy is public to everybody but services and
// the owner's own users (S3 User Guide, "Blocking public access").
func (e *eval) publicBlock(v *verdict) {
	if !e.env.S3.BlockPublic && e.env.S3.BlockUnread == "" || e.req.service() != "s3" || e.env.Resource == nil {
		return
	}
	p := e.req.Principal
	if p.Kind == Service || p.hasIdentity() && !e.foreign() ||
		len(PublicStatements(e.env.Resource, Owner{Account: e.req.owner()})) == 0 {
		return
	}
	if !e.env.S3.BlockPublic {
		v.gates = append(v.gates, gate{LayerPublicBlock, "", e.gap("public access block: " + e.env.S3.BlockUnread), ""})
		return
	}
	v.closed = "the bucket policy is public and public access is blocked"
}

// tagOfBucket tells condition keys, in lower case, that are tags of a bucket.
func (e *eval) tagOfBucket(key string) bool {
	if !strings.HasPrefix(key, "aws:resourcetag/") && !strings.HasPrefix(key, "s3:buckettag/") || e.req.service() != "s3" {
		return false
	}
	_, ok := bucketOf(e.req.Resource.ARN)
	return ok
}

// rescuesBucket: the owner's root user can always read, write and delete the bucket
// policy, so that nobody locks himself out (S3 User Guide, "PutBucketPolicy").
func (e *eval) rescuesBucket() bool {
	return e.req.Principal.Kind == Root && !e.foreign() && containsFold(policyRescue, e.req.Action)
}

var policyRescue = []string{"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
