package aws

import (
	"regexp"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// flowLogAddress is a variable of a flow log format that holds the address of one end of a
// connection: srcaddr, dstaddr, pkt-srcaddr, pkt-dstaddr. Source: Amazon VPC user guide,
// "Flow log records".
var flowLogAddress = regexp.MustCompile(`\$\{((?:pkt-)?(?:src|dst)addr)\}`)

// defaultFlowLog is what a flow log without a format of its own holds of addresses.
const defaultFlowLog = "${srcaddr} ${dstaddr}"

// flowLogFields adds to where flow logs are kept the addresses in their lines. Source for
// the folder: Amazon VPC user guide, "Publish flow logs to Amazon S3".
func (r *Region) flowLogFields() {
	const op = "DescribeFlowLogs"
	src := r.source(op, "FlowLogs[].LogFormat")
	found := findings{}
	for _, a := range r.each(op) {
		for _, f := range decode[struct {
			FlowLogs []struct{ FlowLogId, LogDestination, LogGroupName, LogFormat string }
		}](a).FlowLogs {
			to, folder := f.LogDestination, ""
			if to == "" && f.LogGroupName != "" {
				to = r.arn("logs", "log-group:"+f.LogGroupName)
			}
			if bucket, prefix, ok := strings.Cut(to, "/"); strings.Contains(to, ":s3:::") {
				to, folder = bucket, "AWSLogs/**:"
				if prefix = strings.Trim(prefix, "/"); ok && prefix != "" {
					folder = safeFolder.Replace(prefix) + "/" + folder
				}
			}
			var fields []graph.Field
			for _, m := range flowLogAddress.FindAllStringSubmatch(orElse(f.LogFormat, defaultFlowLog), -1) {
				fields = append(fields, graph.Field{Path: folder + m[1], Name: m[1], Record: "flow log", Of: "address in traffic"})
			}
			found.add(r.resolve(reference{to, r.Account, r.Region}), "flow log "+f.FlowLogId, src, fields)
		}
	}
	found.put()
}
