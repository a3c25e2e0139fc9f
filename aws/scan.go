package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Options say what to scan.
type Options struct {
	Accounts []string // entered by assuming Role; empty: the account of the credentials
	Role     string   // name of the role to assume in Accounts
	Regions  []string // empty: every region enabled for the account
	Profile  string
	Endpoint string // another endpoint than AWS, for an emulator
	Tool     string // name and version for the snapshot

	Attempts   int           // tries a call, 8 when 0
	CallLimit  time.Duration // longest time for one call with all pages, 60 s when 0
	NoPacing   bool          // do not slow down to the published rates; only for endpoints that are not AWS
	Services   []*Service    // nil: all
	Now        func() time.Time
	OnProgress func(Progress)
}

// Progress is what a long scan says while it runs.
type Progress struct {
	Done, Total int // shards
	Calls       int
	Refused     int
	Account     string
	Region      string
	Service     string
	Operation   string
	Outcome     Outcome
}

// scan is one run.
type scan struct {
	opt       Options
	scrubber  *scrubber
	callLimit time.Duration
	base      awssdk.Config
	partition string

	mu       sync.Mutex
	gates    map[string]chan struct{}
	progress Progress
	shards   []Shard
}

func (s *scan) now() time.Time { return s.opt.Now().UTC().Truncate(time.Second) }

// enter takes a place among the calls an account may have in flight.
func (s *scan) enter(ctx context.Context, account string) func() {
	s.mu.Lock()
	g, ok := s.gates[account]
	if !ok {
		g = make(chan struct{}, inFlightPerAccount)
		s.gates[account] = g
	}
	s.mu.Unlock()
	select {
	case g <- struct{}{}:
		return func() { <-g }
	case <-ctx.Done():
		return func() {}
	}
}

func (s *scan) report(c *Collector, a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.progress
	p.Calls++
	if a.Outcome != OutcomeValue && a.Outcome != OutcomeNotFound {
		p.Refused++
	}
	p.Account, p.Region, p.Service, p.Operation, p.Outcome = c.Account, c.Region, c.service.Name, a.Operation, a.Outcome
	if s.opt.OnProgress != nil {
		s.opt.OnProgress(*p)
	}
}

// Scan asks every service in every account and region. An error means that nothing
// could be scanned at all; everything less is in the snapshot's ledger. When ctx is
// cancelled the snapshot holds what was read so far and says so.
func Scan(ctx context.Context, opt Options) (*Snapshot, error) {
	s, err := newScan(ctx, opt)
	if err != nil {
		return nil, err
	}
	started := s.now()
	accounts, err := s.accounts(ctx)
	if err != nil {
		return nil, err
	}
	var jobs []*Collector
	var callers []Identity
	regions := map[string]bool{}
	for _, a := range accounts {
		callers = append(callers, a.Identity)
		for _, r := range a.regions {
			regions[r] = true
		}
		jobs = append(jobs, s.jobs(a)...)
	}
	s.progress.Total = len(jobs)
	s.run(ctx, jobs)
	snap := &Snapshot{Shards: s.shards, Run: Run{
		Format: SnapshotFormat, Tool: s.opt.Tool, Callers: callers, Endpoint: s.opt.Endpoint,
		Started: started, Finished: s.now(), Requests: s.progress.Calls,
	}}
	for r := range regions {
		snap.Run.Regions = append(snap.Run.Regions, r)
	}
	slices.Sort(snap.Run.Regions)
	if ctx.Err() != nil {
		snap.Run.Incomplete = "the scan was interrupted"
	}
	snap.sort()
	s.scrubber.finish(snap.Shards)
	return snap, nil
}

func newScan(ctx context.Context, opt Options) (*scan, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Services == nil {
		opt.Services = Services()
	}
	opt.Regions, opt.Accounts = once(opt.Regions), once(opt.Accounts)
	if opt.Attempts == 0 {
		opt.Attempts = 8
	}
	s := &scan{opt: opt, callLimit: opt.CallLimit, gates: map[string]chan struct{}{}}
	if s.callLimit == 0 {
		s.callLimit = time.Minute
	}
	load := []func(*config.LoadOptions) error{
		config.WithRetryer(func() awssdk.Retryer { return s.retryer() }),
		config.WithHTTPClient(s.httpClient()),
		config.WithLogger(logging.Nop{}), // what matters is in the ledger
	}
	if opt.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(opt.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	if opt.Endpoint != "" {
		cfg.BaseEndpoint = awssdk.String(opt.Endpoint)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
		if len(opt.Regions) > 0 {
			cfg.Region = opt.Regions[0]
		}
	}
	cfg.RetryMode = awssdk.RetryModeStandard
	cfg.APIOptions = append(cfg.APIOptions, readOnly(opt.Services), datesInSeconds, refuseEmptyBody)
	s.base = cfg
	return s, nil
}

// once drops what is listed a second time.
func once[T comparable](list []T) []T {
	var out []T
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// retryer is the standard mode without the client-side token bucket, which after a
// hundred throttled tries would make every call fail at once.
func (s *scan) retryer() awssdk.Retryer {
	if s.opt.Attempts == 1 {
		return awssdk.NopRetryer{}
	}
	return patient{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = s.opt.Attempts
		o.RateLimiter = ratelimit.None
	})}
}

// faultTries is how often a call is tried that fails for another reason than a
// throttle: what is down or not there fails again, and the scan would wait for it.
const faultTries = 3

// patient retries throttled calls as often as allowed, and others faultTries times.
type patient struct{ *retry.Standard }

// RetryDelay gives the failure back when it is not worth another try.
func (p patient) RetryDelay(attempt int, err error) (time.Duration, error) {
	if attempt >= faultTries && retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) != awssdk.TrueTernary {
		return 0, err
	}
	return p.Standard.RetryDelay(attempt, err)
}

// httpClient is one transport for all clients. With another endpoint every
// connection goes there, also for host names that carry an account id or a bucket.
func (s *scan) httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost, t.MaxIdleConns = 64, 256
		u, err := url.Parse(s.opt.Endpoint)
		if err != nil || u.Host == "" {
			return
		}
		d := &net.Dialer{Timeout: 10 * time.Second}
		t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, "."+u.Hostname()) {
				addr = u.Host
			}
			return d.DialContext(ctx, network, addr)
		}
	})
}

type account struct {
	Identity
	cfg       awssdk.Config
	partition string
	regions   []string
}

// accounts enters every account and finds its regions.
func (s *scan) accounts(ctx context.Context) ([]account, error) {
	home, err := s.enterAccount(ctx, s.base, "")
	if err != nil {
		return nil, err
	}
	list := []account{home}
	if len(s.opt.Accounts) > 0 {
		list = nil
	}
	for _, id := range s.opt.Accounts {
		if id == home.Account {
			list = append(list, home)
			continue
		}
		a, err := s.assume(ctx, home, id)
		if err != nil {
			a = account{Identity: Identity{Account: id, Error: s.scrubber.text(firstLine(err.Error()))}}
		}
		list = append(list, a)
	}
	if !slices.ContainsFunc(list, func(a account) bool { return a.Error == "" }) {
		return nil, fmt.Errorf("no account could be entered: %s", list[0].Error)
	}
	for i := range list {
		if list[i].Error == "" {
			list[i].regions = s.regions(ctx, list[i])
		}
	}
	return list, nil
}

// ErrCredentials is returned when AWS does not accept the caller at all.
var ErrCredentials = errors.New("AWS did not accept the credentials")

func (s *scan) enterAccount(ctx context.Context, cfg awssdk.Config, want string) (account, error) {
	ctx, cancel := context.WithTimeout(ctx, s.callLimit)
	defer cancel()
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		outcome, why := outcomeOf(err, "")
		return account{}, fmt.Errorf("%w (sts:GetCallerIdentity: %s, %s)", ErrCredentials, outcome, why)
	}
	arn := awssdk.ToString(out.Arn)
	if s.scrubber == nil {
		s.scrubber = &scrubber{salt: awssdk.ToString(out.Account)}
	}
	a := account{cfg: cfg, Identity: Identity{Account: awssdk.ToString(out.Account), ARN: s.scrubber.text(arn)}, partition: partitionOf(arn)}
	if want != "" && a.Account != want {
		return a, fmt.Errorf("the role leads to account %s instead of %s", a.Account, want)
	}
	return a, nil
}

func (s *scan) assume(ctx context.Context, home account, id string) (account, error) {
	if s.opt.Role == "" {
		return account{}, fmt.Errorf("account %s needs a role to enter it: add --role NAME", id)
	}
	role := fmt.Sprintf("arn:%s:iam::%s:role/%s", home.partition, id, strings.TrimPrefix(s.opt.Role, "/"))
	cfg := home.cfg.Copy()
	cfg.Credentials = awssdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(home.cfg), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "flowdeed"
	}))
	return s.enterAccount(ctx, cfg, id)
}

// regions are those asked for, or those enabled for the account. When AWS does not
// say, the configured region is scanned and the refused call is in the ledger of ec2.
func (s *scan) regions(ctx context.Context, a account) []string {
	if len(s.opt.Regions) > 0 {
		return s.opt.Regions
	}
	ctx, cancel := context.WithTimeout(ctx, s.callLimit)
	defer cancel()
	out, err := ec2.NewFromConfig(a.cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
	s.noteRegions(a, out, err)
	if err != nil || len(out.Regions) == 0 {
		return []string{a.cfg.Region}
	}
	var list []string
	for _, r := range out.Regions {
		list = append(list, awssdk.ToString(r.RegionName))
	}
	slices.Sort(list)
	return list
}

// noteRegions puts the call that decides where to look into the ledger.
func (s *scan) noteRegions(a account, out *ec2.DescribeRegionsOutput, err error) {
	line := Answer{Operation: "ec2:DescribeRegions", Time: s.now(), Requests: 1}
	line.Outcome, line.Error = outcomeOf(err, "")
	if err == nil {
		line.Value = canonical(plain(out))
	}
	s.shards = append(s.shards, Shard{Account: a.Account, Region: GlobalRegion, Service: "ec2", Answers: []Answer{line}})
}

// jobs makes one collector for every service and region of an account.
func (s *scan) jobs(a account) []*Collector {
	if a.Error != "" {
		return nil
	}
	var out []*Collector
	for _, svc := range s.opt.Services {
		regions := a.regions
		if svc.Global {
			regions = []string{GlobalRegion}
		}
		for _, r := range regions {
			cfg := a.cfg.Copy()
			if svc.Global {
				cfg.Region = globalHome(a.partition, a.regions)
			} else {
				cfg.Region = r
			}
			out = append(out, &Collector{
				Config: cfg, Account: a.Account, Region: r, Partition: a.partition, Regions: a.regions,
				service: svc, scan: s, pace: newPace(s.opt.NoPacing),
			})
		}
	}
	return out
}

// GlobalRegion is the region of services that have none.
const GlobalRegion = "global"

// globalHome is the region whose endpoints answer for global services of a partition.
func globalHome(partition string, regions []string) string {
	switch partition {
	case "aws":
		return "us-east-1"
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	if len(regions) > 0 {
		return regions[0]
	}
	return "us-east-1"
}

func (s *scan) run(ctx context.Context, jobs []*Collector) {
	gate := make(chan struct{}, inFlightPerAccount)
	var wg sync.WaitGroup
	for _, c := range jobs {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			if ctx.Err() == nil {
				c.service.Collect(ctx, c)
			}
			s.mu.Lock()
			s.progress.Done++
			if len(c.answers) > 0 {
				s.shards = append(s.shards, Shard{Account: c.Account, Region: c.Region, Service: c.service.Name, Answers: c.answers})
			}
			s.mu.Unlock()
		})
	}
	wg.Wait()
}
