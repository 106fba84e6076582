package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/middleware"

	"griot/infra/lambda/template"
	"griot/internal/llm"
	"griot/internal/llm/bedrock"
	"griot/internal/setup"
	"griot/internal/table"
)

// warning is what a deployment can do with; any other error ends it.
type warning string

func (w warning) Error() string { return string(w) }

// preflight looks at all that makes a deployment fail late, or stand and not
// work. Each thing that is wrong says what to do.
func (d *deployment) preflight(ctx context.Context) error {
	fmt.Fprintf(d.out, "%s: stack %s, version %s, in account %s, %s, as %s\n",
		d.settings.env, d.settings.stack, d.settings.given[version], d.account.id, d.settings.region, d.account.arn)
	failed := 0
	for _, c := range []struct {
		name string
		look func(context.Context) (string, error)
	}{
		{"tools", d.tools},
		{"parameters", d.rules},
		{"stack " + d.settings.dataStack(), func(ctx context.Context) (string, error) { return d.standing(ctx, d.settings.dataStack()) }},
		{"stack " + d.settings.stack, func(ctx context.Context) (string, error) { return d.standing(ctx, d.settings.stack) }},
		{"names", d.names},
		{"concurrency", d.concurrency},
		{"domain", d.domain},
		{"model", d.model},
	} {
		said, err := c.look(ctx)
		var warned warning
		switch {
		case errors.As(err, &warned):
			said = "WARNING: " + string(warned)
		case err != nil:
			said = "FAILED: " + err.Error()
			failed++
		}
		fmt.Fprintf(d.out, "  %-24s %s\n", c.name, strings.ReplaceAll(said, "\n", "\n"+strings.Repeat(" ", 27)))
	}
	if failed > 0 {
		return fmt.Errorf("the account cannot take it yet: %d of the above failed, and nothing was changed", failed)
	}
	return nil
}

// standing says whether a stack can be created or updated.
func (d *deployment) standing(ctx context.Context, name string) (string, error) {
	s, err := d.account.find(ctx, name)
	switch {
	case err != nil:
		return "", err
	case s == nil:
		return "will be created", nil
	}
	said, err := judge(s.StackStatus, name, d.settings.region)
	if err != nil && s.StackStatusReason != nil {
		err = fmt.Errorf("%w\nCloudFormation says: %s", err, *s.StackStatusReason)
	}
	return said, err
}

// judge says what a stack's status means for a deployment.
func judge(status types.StackStatus, name, region string) (string, error) {
	command := func(verb string) string {
		return fmt.Sprintf("\n  aws cloudformation %s --region %s --stack-name %s", verb, region, name)
	}
	text := string(status)
	switch {
	case neverStood(status):
		return text + ": its create was taken back; it will be deleted, and created again", nil
	case strings.HasSuffix(text, "_IN_PROGRESS"):
		return "", fmt.Errorf("%s: somebody deploys, or it is being taken back; wait for its end%s", text, command("describe-stacks"))
	case status == types.StackStatusUpdateRollbackFailed:
		return "", fmt.Errorf("%s: what kept it from being taken back is in its events; mend that, and let it go on%s%s",
			text, command("describe-stack-events"), command("continue-update-rollback"))
	case strings.HasSuffix(text, "_FAILED"):
		return "", fmt.Errorf("%s: look why in its events, and delete it; tables and bucket of a stack that has stood are kept%s%s",
			text, command("describe-stack-events"), command("delete-stack"))
	}
	return text + ": will be updated", nil
}

// neverStood is of a stack whose first create was taken back: only deleting is
// left for it, and nothing of it was ever used.
func neverStood(status types.StackStatus) bool { return status == types.StackStatusRollbackComplete }

// concurrencyLeft must stay without a reservation, or Lambda refuses one.
const concurrencyLeft = 100

// concurrency compares what the stack reserves with what the account has.
func (d *deployment) concurrency(ctx context.Context) (string, error) {
	out, err := lambda.NewFromConfig(d.account.config).GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return "", warning(fmt.Sprintf("the account's concurrency cannot be read: %v", err))
	}
	s, err := d.account.find(ctx, d.settings.stack)
	if err != nil {
		return "", err
	}
	has, before := d.settings.place(d.account.id), d.settings.place(d.account.id)
	before.Parameters = parametersOf(s)
	wants, reserved := 0, 0
	for _, f := range has.Functions() {
		wants += has.Limit(f)
		reserved += before.Limit(f)
	}
	return judgeConcurrency(int(out.AccountLimit.ConcurrentExecutions), int(aws.ToInt32(out.AccountLimit.UnreservedConcurrentExecutions)), wants, reserved)
}

// judgeConcurrency has an account's limit, what of it nobody reserves, and what
// the stack reserves after and before.
func judgeConcurrency(limit, unreserved, wants, reserved int) (string, error) {
	const ask = "ask for more: Service Quotas, AWS Lambda, Concurrent executions (L-B99A9384)"
	left := unreserved + reserved - wants
	switch {
	case wants > 0 && left < concurrencyLeft:
		return "", fmt.Errorf("the stack reserves %d of the account's %d (StreamConcurrency), and %d would be left of the %d that Lambda keeps for the rest; let it be at most %d, or %s",
			wants, limit, left, concurrencyLeft, max(0, wants+left-concurrencyLeft), ask)
	case limit < 1000:
		return "", warning(fmt.Sprintf("the account runs %d functions at once, all of it together, and a transcript that is followed is one of them; before you rely on it %s", limit, ask))
	}
	return fmt.Sprintf("%d at once, %d reserved here, %d left", limit, wants, left), nil
}

// domain looks at the certificate and the zone of DomainName.
func (d *deployment) domain(ctx context.Context) (string, error) {
	p := d.settings.values(d.settings.functions)
	name, certificate, zone := p["DomainName"], p["CertificateArn"], p["HostedZoneId"]
	if name == "" {
		return "none: the host name is AWS's, and the stage is the first part of the path", nil
	}
	if certificate == "" {
		return "", fmt.Errorf("it needs CertificateArn, a certificate for %s in %s:\n  aws acm request-certificate --region %[2]s --domain-name %[1]s --validation-method DNS", name, d.settings.region)
	}
	if err := d.certificate(ctx, name, certificate); err != nil {
		return "", err
	}
	if zone == "" {
		return name + ", certificate issued; its record is yours to make, a CNAME of what this prints once the stack stands:\n  aws apigateway get-domain-name --region " +
			d.settings.region + " --domain-name " + name + " --query regionalDomainName", nil
	}
	out, err := route53.NewFromConfig(d.account.config).GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
	if err != nil {
		return "", fmt.Errorf("the zone HostedZoneId=%s: %w\nThe zones of this account: aws route53 list-hosted-zones; without one here leave it empty, and make the record yourself", zone, err)
	}
	if err := judgeZone(name, aws.ToString(out.HostedZone.Name), out.HostedZone.Config != nil && out.HostedZone.Config.PrivateZone); err != nil {
		return "", err
	}
	return name + ", certificate issued, record in " + zone, nil
}

func judgeZone(domain, zone string, private bool) error {
	zone = strings.TrimSuffix(zone, ".")
	switch {
	case domain != zone && !strings.HasSuffix(domain, "."+zone):
		return fmt.Errorf("the zone HostedZoneId is %s, which has no place for %s; name the zone that has", zone, domain)
	case private:
		return fmt.Errorf("the zone HostedZoneId of %s is private: nobody outside of its networks would find %s", zone, domain)
	}
	return nil
}

func (d *deployment) certificate(ctx context.Context, domain, arn string) error {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 || parts[2] != "acm" {
		return fmt.Errorf("CertificateArn=%s is no certificate of ACM: arn:aws:acm:%s:%s:certificate/…", arn, d.settings.region, d.account.id)
	}
	if parts[3] != d.settings.region {
		return fmt.Errorf("the certificate is in %s; the API is Regional, and takes one of %s only: request it there", parts[3], d.settings.region)
	}
	out, err := acm.NewFromConfig(d.account.config).DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	if err != nil {
		return fmt.Errorf("the certificate CertificateArn: %w\nThose of this account: aws acm list-certificates --region %s", err, d.settings.region)
	}
	return judgeCertificate(out.Certificate, domain)
}

func judgeCertificate(c *acmtypes.CertificateDetail, domain string) error {
	names := append([]string{aws.ToString(c.DomainName)}, c.SubjectAlternativeNames...)
	covered := false
	for _, name := range names {
		_, parent, _ := strings.Cut(domain, ".")
		covered = covered || strings.EqualFold(name, domain) || strings.EqualFold(name, "*."+parent)
	}
	switch {
	case !covered:
		return fmt.Errorf("the certificate is for %s, not for %s; request one that is", strings.Join(names, ", "), domain)
	case c.Status == acmtypes.CertificateStatusPendingValidation:
		return fmt.Errorf("the certificate waits for its validation: make the records that it names, and deploy when its status is ISSUED\n  aws acm describe-certificate --certificate-arn %s", aws.ToString(c.CertificateArn))
	case c.Status != acmtypes.CertificateStatusIssued:
		return fmt.Errorf("the certificate is %s: request another one", c.Status)
	}
	return nil
}

// model asks the model a question of a few tokens, as the functions do. It
// costs a fraction of a cent.
func (d *deployment) model(ctx context.Context) (string, error) {
	name := d.settings.values(d.settings.functions)["BedrockModel"]
	if name == "" {
		return "none: the rules extract", nil
	}
	getenv, err := d.account.environment(ctx)
	if err != nil {
		return "", err
	}
	c, err := setup.Load(getenv)
	if err != nil {
		return "", err
	}
	base, err := c.Endpoint("Bedrock Runtime")
	if err != nil {
		return "", err
	}
	if os.Getenv("AWS_ENDPOINT_URL") != "" && base == os.Getenv("AWS_ENDPOINT_URL") {
		return "", warning("not asked: AWS_ENDPOINT_URL stands for AWS, and has no models")
	}
	_, err = bedrock.New(c.AWS, setup.PatientClient(), base, name).Ask(ctx, llm.Request{
		Name: "ready", Instructions: "Answer with the member ready set to true.", Text: "Are you ready?", MaxTokens: 50,
		Schema: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["ready"],"properties":{"ready":{"type":"boolean"}}}`),
	})
	if err != nil {
		return "", warning(fmt.Sprintf("%s cannot be asked, and the rules step in until it can: %v\nAccess is given in the console of Bedrock, Model access; no deployment is needed then", name, err))
	}
	return name + " answers", nil
}

// names looks for what bears a name that a stack is to make which does not
// stand yet: what an earlier one has left, or somebody else's.
func (d *deployment) names(ctx context.Context) (string, error) {
	data, err := d.account.find(ctx, d.settings.dataStack())
	if err != nil {
		return "", err
	}
	functions, err := d.account.find(ctx, d.settings.stack)
	if err != nil {
		return "", err
	}
	standing := func(s *types.Stack) bool { return s != nil && !neverStood(s.StackStatus) }
	if standing(data) && standing(functions) {
		return "are its own", nil
	}
	var found []string
	if !standing(data) {
		if found, err = d.taken(ctx); err != nil {
			return "", err
		}
	}
	var logs []string
	if !standing(functions) {
		if logs, err = d.logGroups(ctx, "api", "gateway", "workers"); err != nil {
			return "", err
		}
	}
	switch {
	case len(found) > 0:
		return "", fmt.Errorf("there are %s, and no stack %s that has them. An earlier stack has left them, with its data: "+
			"to keep it, choose another stack_name, or bring them into a stack (AWS: \"resource import\"); "+
			"if nobody wants it, delete them", strings.Join(append(found, logs...), ", "), d.settings.dataStack())
	case len(logs) > 0:
		return "", fmt.Errorf("there are %s, and no stack %s that has them: late lines of functions that were deleted made them again; delete them\n  aws logs delete-log-group --region %s --log-group-name NAME",
			strings.Join(logs, ", "), d.settings.stack, d.settings.region)
	}
	return "are free", nil
}

// taken are the resources that outlive a stack and are there.
func (d *deployment) taken(ctx context.Context) (found []string, err error) {
	tables := dynamodb.NewFromConfig(d.account.config)
	for _, name := range table.Names {
		full := d.settings.stack + "-" + string(name)
		_, err := tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &full})
		if found, err = among[*dynamotypes.ResourceNotFoundException](found, "the table "+full, err); err != nil {
			return nil, err
		}
	}
	bucket := d.settings.place(d.account.id).Bucket()
	_, err = d.buckets().HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if found, err = among[*s3types.NotFound](found, "the bucket "+bucket, err); err != nil {
		return nil, err
	}
	queues := sqs.NewFromConfig(d.account.config)
	for _, name := range queueNames() { // by name: who may deploy sees no others
		full := d.settings.stack + "-" + name
		_, err := queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &full})
		if found, err = among[*sqstypes.QueueDoesNotExist](found, "the queue "+full, err); err != nil {
			return nil, err
		}
	}
	logs, err := d.logGroups(ctx, "audit")
	return append(found, logs...), err
}

// among adds what was looked for to what was found, unless the answer was that
// it is missing.
func among[Missing error](found []string, what string, err error) ([]string, error) {
	var missing Missing
	switch {
	case err == nil:
		return append(found, what), nil
	case errors.As(err, &missing):
		return found, nil
	}
	return nil, fmt.Errorf("looking for %s: %w", what, err)
}

// logGroups are those of these names that are there.
func (d *deployment) logGroups(ctx context.Context, names ...string) (found []string, err error) {
	prefix := "/griot/" + d.settings.stack + "/"
	out, err := cloudwatchlogs.NewFromConfig(d.account.config).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
	if err != nil {
		return nil, fmt.Errorf("looking for log groups: %w", err)
	}
	for _, g := range out.LogGroups {
		if name := aws.ToString(g.LogGroupName); slices.Contains(names, strings.TrimPrefix(name, prefix)) {
			found = append(found, "the log group "+name)
		}
	}
	return found, nil
}

func (d *deployment) buckets() *s3.Client {
	return s3.NewFromConfig(d.account.config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}

// calls are what clients have asked AWS, as IAM names it.
type calls []string

// watch is for a configuration's APIOptions.
func (c *calls) watch(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("GriotCalls", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		*c = append(*c, action(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)))
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

// action is the right that a call takes.
func action(service, operation string) string {
	prefix := strings.ToLower(strings.ReplaceAll(service, " ", ""))
	if service == "CloudWatch Logs" {
		prefix = "logs"
	}
	if operation == "HeadBucket" {
		operation = "ListBucket"
	}
	return prefix + ":" + operation
}

// allowed returns an error that names the calls which a policy does not allow
// on anything.
func (c calls) allowed(policy string) error {
	text, err := os.ReadFile(policy)
	if err != nil {
		return err
	}
	var document struct{ Statement []struct{ Action any } }
	if err := json.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("reading %s: %w", policy, err)
	}
	var patterns []string
	for _, s := range document.Statement {
		switch action := s.Action.(type) {
		case string:
			patterns = append(patterns, action)
		case []any:
			for _, a := range action {
				patterns = append(patterns, fmt.Sprint(a))
			}
		}
	}
	for _, action := range c {
		if !slices.ContainsFunc(patterns, func(p string) bool { match, _ := path.Match(p, action); return match }) {
			return fmt.Errorf("%s does not allow %s, which the preflight asks", policy, action)
		}
	}
	return nil
}

// rules are what the templates say of parameters that go together.
// CloudFormation says it too, but after the build.
func (d *deployment) rules(context.Context) (string, error) {
	s := d.settings
	err := errors.Join(broken(s.data, s.values(s.data)), broken(s.functions, s.values(s.functions)))
	return "go together", err
}

// broken returns the assertions of a template's Rules that do not hold.
func broken(t template.Template, values map[string]string) error {
	rules, _ := t.At("Rules").(map[string]any)
	var all []error
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if when := t.At("Rules", name, "RuleCondition"); when != nil && !holds(when, values) {
			continue
		}
		assertions, _ := t.At("Rules", name, "Assertions").([]any)
		for _, a := range assertions {
			a, _ := a.(map[string]any)
			if !holds(a["Assert"], values) {
				all = append(all, errors.New(fmt.Sprint(a["AssertDescription"])))
			}
		}
	}
	return errors.Join(all...)
}

// holds evaluates a condition of parameters; what it does not know holds, and
// is CloudFormation's to judge.
func holds(v any, values map[string]string) bool {
	condition, _ := v.(map[string]any)
	for function, operands := range condition {
		list, _ := operands.([]any)
		switch function {
		case "Fn::Equals":
			return len(list) == 2 && text(list[0], values) == text(list[1], values)
		case "Fn::Not":
			return len(list) == 1 && !holds(list[0], values)
		case "Fn::And":
			return !slices.ContainsFunc(list, func(v any) bool { return !holds(v, values) })
		case "Fn::Or":
			return slices.ContainsFunc(list, func(v any) bool { return holds(v, values) })
		}
	}
	return true
}

func text(v any, values map[string]string) string {
	if reference, is := v.(map[string]any); is {
		return values[fmt.Sprint(reference["Ref"])]
	}
	return fmt.Sprint(v)
}
