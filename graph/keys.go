package graph

// EncryptionAtRest says whether what a node keeps is encrypted.
type EncryptionAtRest string

// The values of AtRest. ProviderEncrypted is for services that always encrypt and
// leave the customer no switch.
const (
	Encrypted    EncryptionAtRest = "encrypted"
	NotEncrypted EncryptionAtRest = "none"
)

// KeyClass is a step of the key ladder: who holds the key.
type KeyClass string

// The key classes, from weakest to strongest control by the customer.
const (
	KeyNone            KeyClass = "none"
	KeyProviderOwned   KeyClass = "provider-owned"
	KeyAWSManaged      KeyClass = "aws-managed"
	KeyCustomer        KeyClass = "customer-managed"
	KeyCustomerForeign KeyClass = "customer-managed-foreign"
	KeyExternal        KeyClass = "external"
)

// Rank orders key classes by the control they give the customer. A key in another
// account counts like an AWS-managed one: somebody else can take it away.
func (k KeyClass) Rank() int {
	switch k {
	case KeyProviderOwned:
		return 1
	case KeyAWSManaged, KeyCustomerForeign:
		return 2
	case KeyCustomer:
		return 3
	case KeyExternal:
		return 4
	}
	return 0
}

// Transit is the verdict on encryption in transit of a flow.
type Transit string

// The transit verdicts.
const (
	TransitEnforced Transit = "enforced"
	TransitOffered  Transit = "offered"
	TransitPlain    Transit = "plaintext"
	TransitInternal Transit = "provider-internal"
	TransitUnknown  Transit = "unknown"
)

// Auth says how the caller of an entry point proves who it is.
type Auth string

// The ways of proof.
const (
	AuthNone   Auth = "none"
	AuthAPIKey Auth = "api-key"
	AuthToken  Auth = "token" // user pool, JWT, Lambda authoriser
	AuthIAM    Auth = "iam"
	AuthMTLS   Auth = "mutual-tls"
)

// Facts of nodes that keep or handle data.
var (
	AtRest = Key[EncryptionAtRest]{"at_rest", "whether what is kept here is encrypted"}
	// AtRestHow holds the service's own word: SSE-S3, SSE-KMS, SSE-SQS, KMS, AES256.
	AtRestHow = Key[string]{"at_rest_how", "the form of encryption, in the service's own word"}
	// ProviderEnforced is true where the service always encrypts and cannot be told not to.
	ProviderEnforced = Key[bool]{"at_rest_provider_enforced", "the provider always encrypts, the customer cannot switch it off"}
	KeyOwner         = Key[KeyClass]{"key_class", "who holds the key: none, provider-owned, aws-managed, customer-managed, customer-managed-foreign, external"}
	// KeyID is the resolved key ARN, or the reference as configured when it could not be resolved.
	KeyID = Key[string]{"key", "the KMS key that encrypts, as ARN where it could be resolved"}
	// SSECBlocked: a bucket refuses objects encrypted with keys supplied by the client.
	SSECBlocked = Key[bool]{"sse_c_blocked", "client-supplied keys are refused"}

	// TLSRequired: the resource policy denies every request without TLS.
	TLSRequired = Key[bool]{"tls_required", "requests without TLS are refused"}
	// TLSOnlyService: the service endpoint answers nothing but TLS.
	TLSOnlyService = Key[bool]{"tls_only_service", "the service answers TLS only, by itself"}
	TLSMinimum     = Key[string]{"tls_minimum", "lowest TLS version accepted: 1.0, 1.1, 1.2, 1.3"}
	// ClientTransit is the verdict for clients that connect to this node (databases, caches, listeners, CDNs).
	ClientTransit = Key[Transit]{"client_transit", "encryption in transit of clients that connect here"}
	// OriginTransit is the weakest verdict towards the origins of a CDN.
	OriginTransit = Key[Transit]{"origin_transit", "encryption in transit towards the origins"}
	ClientAuth    = Key[bool]{"client_authentication", "clients of a cache must present a token or user"}
	NodeToNode    = Key[bool]{"node_to_node_tls", "traffic between members of a cluster is encrypted"}
)

// Facts about who may come in.
var (
	HasPolicy = Key[bool]{"has_policy", "a resource policy is attached"}
	// DeadConditions names conditions that guard nothing: denials that never deny and limits
	// of permissions that never limit, because no request carries their key.
	DeadConditions = Key[[]string]{"dead_conditions", "conditions of policies on keys that no request of their statement carries, so that they guard nothing"}
	// PublicStatements names the statements of the resource policy that admit anybody. Known and empty: none does.
	PublicStatements = Key[[]string]{"public_statements", "statements of the resource policy that admit anybody"}
	PublicACL        = Key[[]string]{"public_acl", "access-list grants to everybody"}
	// PublicBlocked: a bucket- or account-level block makes public policies and lists void.
	PublicBlocked = Key[bool]{"public_blocked", "public access is blocked whatever policy and list say"}
	// PublicBlockGaps names the block settings that are off at both levels.
	PublicBlockGaps = Key[[]string]{"public_block_gaps", "settings of the public access block that are off at bucket and account level"}
	// AccessPoints names the access points of a bucket, with the VPC where one holds them to it.
	AccessPoints = Key[[]string]{"access_points", "access points of the bucket"}
	// PublicAccessPoints names those that are open to the internet, admit anybody by policy and that no block closes.
	PublicAccessPoints = Key[[]string]{"public_access_points", "access points whose policy admits anybody while no public access block holds"}
	Website            = Key[bool]{"website", "website hosting is on"}
	// ForeignPrincipals lists principals of other accounts admitted by the resource policy, as ARN or account id.
	ForeignPrincipals = Key[[]string]{"foreign_principals", "principals of other accounts that the resource policy admits"}
	// ForeignDecrypt lists principals of other accounts that may decrypt with this key, by policy or grant.
	ForeignDecrypt = Key[[]string]{"foreign_decrypt", "principals of other accounts that may decrypt with this key"}
	// UnboundServices lists service principals admitted without a source account, source ARN or organisation condition.
	UnboundServices = Key[[]string]{"unbound_services", "service principals admitted without naming their source"}
	// TrustsAnyone, TrustsForeign, TrustWithoutExternalID, TrustLooseFederation describe a role's trust policy.
	TrustsAnyone           = Key[[]string]{"trusts_anyone", "trust statements that admit any principal"}
	TrustWithoutExternalID = Key[[]string]{"trust_without_external_id", "foreign accounts trusted without sts:ExternalId"}
	TrustLooseFederation   = Key[[]string]{"trust_loose_federation", "web-identity trust without an audience and a bounded subject"}
	SharedWith             = Key[[]string]{"shared_with", "accounts a snapshot is shared with; \"all\" means everybody"}

	InternetFacing = Key[bool]{"internet_facing", "the node has an address on the internet"}
	// OpenIngress lists security-group rules that admit the whole internet: "tcp 3306-3306".
	OpenIngress   = Key[[]string]{"open_ingress", "security-group rules that admit the whole internet"}
	CORSAnyOrigin = Key[bool]{"cors_any_origin", "any web origin may call"}
	EntryAuth     = Key[Auth]{"auth", "how the caller proves who it is"}
	// AnswersItself: an entry is answered without anything behind it, by a fixed text.
	AnswersItself = Key[bool]{"answers_itself", "a fixed text answers, nothing is behind the entry"}
	// DefaultEndpointOpen: the default endpoint is reachable behind a custom domain.
	DefaultEndpointOpen = Key[bool]{"default_endpoint_open", "the default endpoint bypasses the custom domain"}
	GuestsAllowed       = Key[bool]{"guests_allowed", "identities without sign-in are handed out"}
	// How an IAM user proves who it is.
	ConsolePassword = Key[bool]{"console_password", "the user signs in to the console with a password"}
	SecondFactor    = Key[bool]{"second_factor", "the user has a device for multi-factor sign-in"}
	ActiveKeys      = Key[int]{"active_access_keys", "long-lived access keys of the user that are active"}
	MFA             = Key[string]{"mfa", "multi-factor sign-in: OFF, OPTIONAL, ON"}
)

// Facts about keys.
var (
	KeyManager  = Key[string]{"key_manager", "AWS or CUSTOMER"}
	KeyState    = Key[string]{"key_state", "Enabled, Disabled, PendingDeletion, ..."}
	KeyOrigin   = Key[string]{"key_origin", "AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE"}
	KeySpec     = Key[string]{"key_spec", "SYMMETRIC_DEFAULT or another spec"}
	KeyRotates  = Key[bool]{"key_rotates", "automatic rotation is on"}
	KeyPeriod   = Key[int]{"key_rotation_days", "rotation period in days"}
	KeyExpires  = Key[string]{"key_expires", "when imported key material expires, RFC 3339"}
	KeyDeletion = Key[string]{"key_deletion", "when the key will be deleted, RFC 3339"}
	KeyStoreUp  = Key[bool]{"key_store_connected", "the custom key store is connected"}
	KeyRegions  = Key[[]string]{"key_regions", "regions that hold a replica of a multi-Region key"}
)

// Facts about functions and workflows.
var (
	Runtime       = Key[string]{"runtime", "runtime identifier"}
	PackageType   = Key[string]{"package_type", "Zip or Image"}
	RuntimeUpdate = Key[string]{"runtime_update", "Auto, FunctionUpdate or Manual"}
	Tracing       = Key[bool]{"tracing", "active tracing is on"}
	InVPC         = Key[bool]{"in_vpc", "attached to a VPC"}
	Zones         = Key[int]{"zones", "number of availability zones of its subnets"}
	RoleARN       = Key[string]{"role", "execution role"}
	// ComputedTargets lists the tasks of a workflow whose target is computed at run time, or which call a service that is not read.
	ComputedTargets = Key[[]string]{"computed_targets", "tasks whose target configuration does not name: state and service action"}
	// FailureTarget: where failed asynchronous events, queue messages or records go. Known and empty: nowhere.
	FailureTarget = Key[string]{"failure_target", "where failed events go; empty when nowhere"}
	CodeHash      = Key[string]{"code_sha256", "hash of the deployed code"}
	ConfigHash    = Key[string]{"config_sha256", "hash of the configuration"}
	CodeSigning   = Key[string]{"code_signing", "Enforce, Warn or none"}
	HasVariables  = Key[bool]{"has_variables", "environment variables are set"}
	// SecretVariables names variables whose literal value looks like a secret; PersonalVariables like personal data.
	SecretVariables   = Key[[]string]{"secret_variables", "configuration entries with a literal that looks like a secret"}
	PersonalVariables = Key[[]string]{"personal_variables", "configuration entries with a literal that looks like personal data"}
	Concurrency       = Key[int]{"reserved_concurrency", "reserved concurrent executions; -1 when none is reserved"}
)

// Facts about logging.
var (
	LoggingOn      = Key[bool]{"logging", "activity is written to a log"}
	LogTargets     = Key[[]string]{"log_targets", "where logs go"}
	PayloadLogging = Key[bool]{"payload_logging", "request or event bodies are written to the log"}
	// DebugLogging: a program logs at a level at which whole events are usual.
	DebugLogging = Key[bool]{"debug_logging", "the program logs at debug level or finer"}
	// LogRights: the execution role may create streams and put events.
	LogRights   = Key[bool]{"log_rights", "the role may write log events"}
	AuditExport = Key[bool]{"audit_export", "an audit-class log is exported"}
	MultiRegion = Key[bool]{"multi_region", "covers all regions"}
	Validation  = Key[bool]{"log_file_validation", "log files are signed"}
	// ManagementEvents: all, write-only, read-only or none.
	ManagementEvents = Key[string]{"management_events", "management events recorded: all, read-only, write-only, none"}
	// RecordsAccounts lists the accounts in which a trail was seen: an organisation's trail records them all.
	RecordsAccounts = Key[[]string]{"records_accounts", "accounts whose activity this trail records"}
	// DataEventsFor lists resource patterns a trail records: "read arn:aws:s3:::b/*", "write AWS::DynamoDB::Table *".
	DataEventsFor  = Key[[]string]{"data_events_for", "data events a trail records"}
	DataReads      = Key[bool]{"data_reads_recorded", "reads of this store are recorded by a trail"}
	DataWrites     = Key[bool]{"data_writes_recorded", "writes to this store are recorded by a trail"}
	ObjectLock     = Key[bool]{"object_lock", "objects cannot be deleted before their time"}
	AuditStore     = Key[bool]{"audit_store", "a trail delivers here"}
	WritersForbid  = Key[[]string]{"workload_writers", "workload roles that may write here"}
	DataProtection = Key[bool]{"data_protection", "a data-protection policy masks personal data"}
)

// Facts about how long data stays.
var (
	// RetentionDays is how long data stays, in days; 0 means for ever.
	RetentionDays = Key[int]{"retention_days", "days until data expires by itself; 0 means never"}
	// RetentionOld is the same for old versions of objects.
	RetentionOld    = Key[int]{"retention_old_versions_days", "days until old versions expire; 0 means never"}
	Versioned       = Key[bool]{"versioned", "old versions are kept"}
	LockDays        = Key[int]{"lock_days", "days during which objects cannot be deleted"}
	TTLOn           = Key[bool]{"ttl", "rows carry an expiry time that the service obeys"}
	PointInTime     = Key[bool]{"point_in_time_recovery", "the store can be restored to a point in time"}
	BackupDays      = Key[int]{"backup_days", "days backups are kept; 0 means no backups"}
	DeleteProtect   = Key[bool]{"deletion_protection", "accidental deletion is refused"}
	CreatedAt       = Key[string]{"created", "when it was made, RFC 3339"}
	ManualCopy      = Key[bool]{"manual_copy", "a person made this copy; nothing deletes it by itself"}
	SourceID        = Key[string]{"source", "the store a copy was taken from"}
	SourcePresent   = Key[bool]{"source_present", "the store a copy was taken from still exists"}
	Engine          = Key[string]{"engine", "database engine and version"}
	StreamView      = Key[string]{"stream_view", "what a table stream carries: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES"}
	KeyAttributes   = Key[[]string]{"key_attributes", "the attributes of the primary key of a table"}
	ParameterType   = Key[string]{"parameter_type", "String, StringList or SecureString"}
	Rotation        = Key[bool]{"rotation", "the secret rotates by itself"}
	Endpoint        = Key[string]{"endpoint", "address, masked where it could be personal"}
	SMSRegion       = Key[string]{"sms_region", "region that sends SMS"}
	EventPattern    = Key[string]{"event_pattern", "event pattern of a rule"}
	ScheduleExpr    = Key[string]{"schedule_expression", "when a schedule fires"}
	StateOn         = Key[bool]{"enabled", "the rule, mapping or subscription is switched on"}
	ProtocolName    = Key[string]{"protocol", "protocol of the endpoint"}
	PermissionsRead = Key[bool]{"permissions_read", "every policy of the principal was read and understood"}
	ManagedBy       = Key[string]{"managed_by", "the service that owns this resource"}
	WebFirewall     = Key[bool]{"web_firewall", "a web ACL is attached"}
	SubnetIDs       = Key[[]string]{"subnets", "subnets it is attached to"}
	SecurityGroups  = Key[[]string]{"security_groups", "security groups it is attached to"}
	VPCID           = Key[string]{"vpc", "VPC it is attached to"}
)

// Facts of flows.
var (
	InTransit   = Key[Transit]{"in_transit", "encryption in transit of this flow"}
	CrossAcct   = Key[bool]{"cross_account", "the two ends are in different accounts"}
	CrossReg    = Key[bool]{"cross_region", "the two ends are in different regions"}
	Transformed = Key[[]string]{"carries_only", "paths that an input transformer lets through"}
	// PassesCaller: known and false where a mapping leaves the caller's address and agent out.
	PassesCaller = Key[bool]{"caller_passed", "the address and the agent of the caller are handed on with the request"}
	// ReturnsResult: what the target answers goes on in the data of the source.
	ReturnsResult = Key[bool]{"returns_result", "the answer of the target becomes part of the data of the source"}
	// FieldSources names what outside the node shows fields of what it keeps or carries.
	FieldSources = Key[[]string]{"field_sources", "the schemas and patterns that name fields of what is here"}
	// LogFields names what a line of an access log holds: "identity.sourceIp".
	LogFields = Key[[]string]{"log_fields", "what a line of the log holds, in the words of the service"}
	// Filtered: a pattern or filter policy restricts which events pass.
	Filtered  = Key[string]{"filter", "the pattern that restricts what passes"}
	VerifyTLS = Key[bool]{"certificate_checked", "the caller checks the certificate of the endpoint"}
	// NetworkPath is private, nat, internet or provider-network.
	NetworkPath = Key[string]{"network_path", "private, nat, internet or provider-network"}
	// Asynchronous: the caller does not wait, so that a failure needs a place to go.
	Asynchronous = Key[bool]{"asynchronous", "the caller does not wait for the result"}
)
