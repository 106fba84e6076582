package main

import (
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// says compares what is said, or why not, with a part of it.
func says(t *testing.T, name, said string, err error, want, refused string) {
	t.Helper()
	switch {
	case refused == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case refused != "" && (err == nil || !strings.Contains(err.Error(), refused)):
		t.Errorf("%s: %q, %v, want an error with %q", name, said, err, refused)
	case !strings.Contains(said, want):
		t.Errorf("%s: %q, want %q", name, said, want)
	}
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		env     string
		args    []string
		refused string
	}{
		"as they are":             {"default", nil, ""},
		"of the other":            {"prod", nil, ""},
		"one more":                {"default", []string{"MaxReadUnits=500", "Stage=prod"}, ""},
		"a value with a =":        {"default", []string{"AlarmEmail=a=b@example.com"}, ""},
		"no environment":          {"staging", nil, "no environment \"staging\", but default, prod"},
		"the version is none":     {"version", nil, "no environment"},
		"no value":                {"default", []string{"Stage"}, "no Parameter=Value"},
		"unknown":                 {"default", []string{"MaxReadUnit=500"}, "there is no parameter MaxReadUnit"},
		"another value":           {"default", []string{"Stage=staging"}, "want dev, prod"},
		"no number":               {"default", []string{"MaxReadUnits=many"}, "want a number"},
		"too little":              {"default", []string{"MaxReadUnits=0"}, "want at least 1"},
		"too short":               {"default", []string{"TranscriberModel="}, "too short"},
		"against a pattern":       {"default", []string{"Transcriber=ftp://x"}, "an http or https URL"},
		"the prefix is the stack": {"default", []string{"Prefix=other"}, "follows from stack_name"},
	} {
		_, err := load(c.env, append([]string{"Version=t"}, c.args...))
		says(t, name, "", err, "", c.refused)
	}
}

// Every parameter has a value, so that none stays as it was, but secrets that
// nobody names.
func TestAllParametersAreGiven(t *testing.T) {
	s, err := load("default", []string{"Version=t", "MaxReadUnits=500"})
	if err != nil {
		t.Fatal(err)
	}
	functions, data := s.values(s.functions), s.values(s.data)
	for name, p := range parameters(s.functions) {
		if _, there := functions[name]; there == p.NoEcho {
			t.Errorf("%s: passed %v", name, there)
		}
	}
	for name := range parameters(s.data) {
		if _, there := data[name]; !there {
			t.Errorf("%s is not passed", name)
		}
	}
	if functions["Version"] != "t" || functions["Stage"] != "dev" || data["Prefix"] != s.stack || data["MaxReadUnits"] != "500" || data["Protect"] != "false" {
		t.Errorf("%v\n%v", functions, data)
	}
	if s.given["TranscriberKey"] = "secret"; s.values(s.functions)["TranscriberKey"] != "secret" {
		t.Error("a secret that is named is not passed")
	}
	if s.given["Stage"] = "prod"; s.values(s.data)["Protect"] != "true" {
		t.Error("production is not protected")
	}
	if s.given["Protect"] = "false"; s.values(s.data)["Protect"] != "false" {
		t.Error("production is protected though somebody says it should not be")
	}
}

// The templates' own rules are known before anything is built.
func TestRules(t *testing.T) {
	for name, c := range map[string]struct {
		env     string
		args    []string
		refused string
	}{
		"as it is":               {"default", nil, ""},
		"nobody hears":           {"prod", nil, "set AlarmEmail"},
		"somebody does":          {"prod", []string{"AlarmEmail=ops@example.com"}, ""},
		"a budget alone":         {"default", []string{"MonthlyBudget=100"}, "MonthlyBudget needs AlarmEmail"},
		"a budget, heard of":     {"default", []string{"MonthlyBudget=100", "AlarmEmail=ops@example.com"}, ""},
		"a domain alone":         {"default", []string{"DomainName=api.example.com"}, "DomainName needs CertificateArn"},
		"half of warm":           {"default", []string{"WarmReadUnits=20000"}, "go together"},
		"warm":                   {"default", []string{"WarmReadUnits=20000", "WarmWriteUnits=8000"}, ""},
		"a vocabulary, of what?": {"default", []string{"TranscribeVocabulary=trade"}, "needs TranscribeLanguage"},
	} {
		s, err := load(c.env, append([]string{"Version=t"}, c.args...))
		if err != nil {
			t.Fatal(err)
		}
		said, err := (&deployment{settings: s}).rules(t.Context())
		says(t, name, said, err, "", c.refused)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"-preflight", "-smoke"}, {"-check", "-preflight"}, {"-nothing"}, {"Stage=prod", "-preflight"}} {
		if _, _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("%v were taken", args)
		}
	}
	o, rest, err := parseOptions([]string{"-env", "prod", "-yes", "Stage=prod"}, io.Discard)
	if err != nil || o.env != "prod" || !o.yes || len(rest) != 1 {
		t.Errorf("%+v, %v, %v", o, rest, err)
	}
}

func TestStackStatus(t *testing.T) {
	for _, c := range []struct {
		status        types.StackStatus
		want, refused string
	}{
		{types.StackStatusCreateComplete, "will be updated", ""},
		{types.StackStatusUpdateComplete, "will be updated", ""},
		{types.StackStatusUpdateRollbackComplete, "will be updated", ""},
		{types.StackStatusRollbackComplete, "created again", ""},
		{types.StackStatusUpdateInProgress, "", "wait for its end"},
		{types.StackStatusUpdateCompleteCleanupInProgress, "", "wait for its end"},
		{types.StackStatusRollbackInProgress, "", "wait for its end"},
		{types.StackStatusUpdateRollbackFailed, "", "aws cloudformation continue-update-rollback --region eu-west-1 --stack-name s"},
		{types.StackStatusRollbackFailed, "", "aws cloudformation delete-stack --region eu-west-1 --stack-name s"},
		{types.StackStatusDeleteFailed, "", "delete-stack"},
		{types.StackStatusCreateFailed, "", "delete-stack"},
	} {
		said, err := judge(c.status, "s", "eu-west-1")
		says(t, string(c.status), said, err, c.want, c.refused)
	}
}

func TestConcurrency(t *testing.T) {
	for name, c := range map[string]struct {
		limit, unreserved, wants, reserved int
		want, refused                      string
	}{
		"room":                       {1000, 1000, 200, 0, "800 left", ""},
		"just enough":                {1000, 300, 200, 0, "100 left", ""},
		"others have reserved":       {1000, 250, 200, 0, "", "at most 150"},
		"its own counts as free":     {1000, 100, 200, 200, "100 left", ""},
		"more than before":           {1000, 100, 201, 200, "", "at most 200"},
		"less than before":           {1000, 100, 150, 200, "150 left", ""},
		"a new account, and a limit": {10, 10, 5, 0, "", "at most 0"},
		"a new account":              {10, 10, 0, 0, "", "10 functions at once"},
	} {
		said, err := judgeConcurrency(c.limit, c.unreserved, c.wants, c.reserved)
		says(t, name, said, err, c.want, c.refused)
	}
}

func TestZone(t *testing.T) {
	for _, c := range []struct {
		domain, zone string
		private      bool
		refused      string
	}{
		{"api.example.com", "example.com.", false, ""},
		{"example.com", "example.com.", false, ""},
		{"a.b.example.com", "example.com.", false, ""},
		{"api.badexample.com", "example.com.", false, "no place for"},
		{"example.com", "api.example.com.", false, "no place for"},
		{"api.example.com", "example.com.", true, "private"},
	} {
		says(t, c.domain+" in "+c.zone, "", judgeZone(c.domain, c.zone, c.private), "", c.refused)
	}
}

func TestCertificate(t *testing.T) {
	issued, pending, expired := acmtypes.CertificateStatusIssued, acmtypes.CertificateStatusPendingValidation, acmtypes.CertificateStatusExpired
	for name, c := range map[string]struct {
		status  acmtypes.CertificateStatus
		names   []string
		domain  string
		refused string
	}{
		"its name":             {issued, []string{"api.example.com"}, "api.example.com", ""},
		"in capitals":          {issued, []string{"API.example.com"}, "api.example.com", ""},
		"another of its names": {issued, []string{"example.com", "api.example.com"}, "api.example.com", ""},
		"a wildcard":           {issued, []string{"*.example.com"}, "api.example.com", ""},
		"which is one label":   {issued, []string{"*.example.com"}, "a.b.example.com", "not for a.b.example.com"},
		"and not none":         {issued, []string{"*.example.com"}, "example.com", "not for example.com"},
		"somebody else's":      {issued, []string{"example.org"}, "example.com", "request one that is"},
		"not yet":              {pending, []string{"example.com"}, "example.com", "waits for its validation"},
		"no longer":            {expired, []string{"example.com"}, "example.com", "EXPIRED"},
	} {
		err := judgeCertificate(&acmtypes.CertificateDetail{Status: c.status, DomainName: &c.names[0], SubjectAlternativeNames: c.names[1:], CertificateArn: aws.String("arn")}, c.domain)
		says(t, name, "", err, "", c.refused)
	}
}

func TestVersionOfSAM(t *testing.T) {
	for said, refused := range map[string]string{
		"SAM CLI, version 1.170.0\n": "", "SAM CLI, version 1.152.0\n": "", "SAM CLI, version 2.0.1": "",
		"SAM CLI, version 1.151.0\n": "1.152 is needed", "": "no version",
	} {
		says(t, said, "", judgeSAM(said), "", refused)
	}
}

// What a call is in a policy, and whether policy.json has it.
func TestPolicyAllowsCalls(t *testing.T) {
	for name, c := range map[string]struct {
		service, operation, want string
		allowed                  bool
	}{
		"by its name":          {"CloudFormation", "DescribeStacks", "cloudformation:DescribeStacks", true},
		"in a group":           {"Lambda", "GetAccountSettings", "lambda:GetAccountSettings", true},
		"of another name":      {"CloudWatch Logs", "DescribeLogGroups", "logs:DescribeLogGroups", true},
		"of two words":         {"Route 53", "GetHostedZone", "route53:GetHostedZone", true},
		"another right":        {"S3", "HeadBucket", "s3:ListBucket", true},
		"of all of an account": {"SQS", "ListQueues", "sqs:ListQueues", false},
	} {
		got := action(c.service, c.operation)
		if err := (calls{got}).allowed("policy.json"); got != c.want || (err == nil) != c.allowed {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// What -check makes, it makes on this machine only.
func TestCheckNeedsAnEngine(t *testing.T) {
	for endpoint, fine := range map[string]bool{
		"http://127.0.0.1:4566": true, "http://localhost:4566": true, "http://[::1]:4566": true,
		"": false, "https://dynamodb.eu-west-1.amazonaws.com": false, "http://192.0.2.1": false, "http://localhost.example.com": false,
	} {
		if err := onLoopback(endpoint); (err == nil) != fine {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}
