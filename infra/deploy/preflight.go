package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"griot/internal/llm"
	"griot/internal/llm/bedrock"
	"griot/internal/setup"
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
