// Package aws is what flowdeed knows about AWS: one file a service, each with the
// read operations it needs (Calls), how they are asked (Collect, the only I/O) and
// what their answers mean (Build, pure).
//
// Collect writes a Snapshot: every call with its outcome and, where there was one,
// its answer in the response's own field names, less secrets and personal values.
// Build turns a snapshot into a graph and needs no network, so that a report can be
// made again years later.
package aws

import "context"

// Service is one AWS service as far as the data map needs it.
type Service struct {
	Name string // as in the operations of the control catalogue: "sqs", "cognito-idp"
	Doc  string // what is read and what comes out of it, for the service page
	// Global services are asked once an account, the others once a region.
	Global bool
	Calls  []Call
	// Collect asks the calls. It never returns an error: every failure is an
	// outcome in the ledger, and a failed call must not stop the next.
	Collect func(context.Context, *Collector)
	// Build turns the answers of one account and region into nodes and flows.
	Build func(*Region)
}

// Call is one read operation a service may use.
type Call struct {
	Operation string // "GetQueueAttributes"
	Action    string // the IAM action that allows it: "sqs:GetQueueAttributes"
	// Optional calls only refine: when refused, the finding that needs them is
	// unknown but the map is whole.
	Optional bool
	// PerSecond is the published rate limit an account and region; 0 where none
	// is published.
	PerSecond float64
	// Values are paths to strings that may be secret or personal. They are
	// matched in memory and reduced to a Value; "Functions[].Environment.Variables{}".
	Values []string
	// Drop are paths that are never kept at all.
	Drop []string
	// Prune takes out of an answer what the map has no use for.
	Prune func(answer map[string]any)
	// Absent is the error code by which the service says "there is none", where
	// the general rule (a code with NotFound or NoSuch in it) does not cover it.
	Absent string
}

// Services lists every service flowdeed reads, in the order they are collected.
func Services() []*Service {
	return []*Service{
		stsService,
		iamService,
		kmsService,
		lambdaService,
		sqsService,
		snsService,
		eventsService,
		schemasService,
		pipesService,
		schedulerService,
		stepfunctionsService,
		kinesisService,
		firehoseService,
		s3Service,
		s3controlService,
		dynamodbService,
		secretsmanagerService,
		ssmService,
		logsService,
		cloudtrailService,
		rdsService,
		elasticacheService,
		apigatewayService,
		apigatewayv2Service,
		appsyncService,
		cognitoIDPService,
		cognitoIdentityService,
		elbv2Service,
		cloudfrontService,
		glueService,
		athenaService,
		organizationsService,
		ec2Service,
		tagsService,
	}
}

// call finds the declaration of an operation.
func (s *Service) call(operation string) (Call, bool) {
	for _, c := range s.Calls {
		if c.Operation == operation {
			return c, true
		}
	}
	return Call{}, false
}
