package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"griot/infra/lambda/build"
	"griot/internal/table"
)

// check tries what needs no account: the settings of all environments, and the
// stack of what is kept on an engine that stands for AWS, created where a name
// is taken, created again, changed, and protected.
func check(ctx context.Context, out io.Writer) error {
	if err := onLoopback(os.Getenv("AWS_ENDPOINT_URL")); err != nil {
		return err
	}
	if err := os.Unsetenv("AWS_ENDPOINT_URL_DYNAMODB"); err != nil { // CloudFormation makes tables on its own engine
		return err
	}
	if err := checkSettings(out); err != nil {
		return err
	}
	s, err := load("default", []string{version + "=check"})
	if err != nil {
		return err
	}
	s.stack, s.region = fmt.Sprintf("check%d", time.Now().Unix()), "us-east-1"
	d, err := enter(ctx, s, out)
	if err != nil {
		return err
	}
	t := trial{deployment: d, tables: dynamodb.NewFromConfig(d.account.config)}
	return errors.Join(t.run(ctx), t.remove(context.WithoutCancel(ctx)))
}

// onLoopback keeps what follows from an account.
func onLoopback(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()) {
		return nil
	}
	return errors.New(`-check needs an engine on this machine: infra/engines/engines start && eval "$(infra/engines/engines env)"`)
}

// checkSettings reads all environments of samconfig.toml, and sees that a
// parameter that there is not is refused.
func checkSettings(out io.Writer) error {
	root, err := build.Root(".")
	if err != nil {
		return err
	}
	var all map[string]toml.Primitive
	if _, err := toml.DecodeFile(filepath.Join(root, "samconfig.toml"), &all); err != nil {
		return err
	}
	for env := range all {
		if env == "version" {
			continue
		}
		s, err := load(env, []string{version + "=check"})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "environment %s: stack %s, %d parameters of the functions, %d of what is kept\n",
			env, s.stack, len(s.values(s.functions)), len(s.values(s.data)))
	}
	return nil
}

// trial is a deployment on an engine.
type trial struct {
	*deployment
	tables *dynamodb.Client
}

// run has the functions translated beside what happens to the data stack.
func (t trial) run(ctx context.Context) error {
	if err := t.looks(ctx); err != nil {
		return err
	}
	if err := t.step(ctx, "a name that is taken keeps the stack from standing", t.fails); err != nil { // alone: sam makes its bucket
		return err
	}
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return t.step(ctx, "the functions' change set is made", t.translates) })
	both.Go(func() error {
		for _, err := range []error{
			t.step(ctx, "what never stood is deleted, and created", t.stands),
			t.step(ctx, "changed parameters arrive, protection among them", t.changes),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return both.Wait()
}

// looks has the preflight, and policy.json allow what it asks.
func (t trial) looks(ctx context.Context) error {
	var asked calls
	d := *t.deployment
	d.account.config = d.account.config.Copy()
	d.account.config.APIOptions = append(d.account.config.APIOptions, asked.watch)
	d.account.stacks = cloudformation.NewFromConfig(d.account.config)
	err := d.preflight(ctx)
	t.sam = d.sam
	if err != nil {
		return err
	}
	if len(asked) == 0 {
		return errors.New("the preflight has asked nothing of AWS")
	}
	return asked.allowed(filepath.Join(t.settings.root, "infra", "deploy", "policy.json"))
}

func (t trial) step(ctx context.Context, name string, try func(context.Context) error) error {
	begun := time.Now()
	if err := try(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(t.out, "%s (%v)\n", name, time.Since(begun).Round(time.Second/10))
	return nil
}

// quietly deploys, and shows what sam says if it comes otherwise than it
// should.
func (t trial) quietly(fails bool, deploy func(*deployment) error) error {
	var said strings.Builder
	d := *t.deployment
	d.out = &said
	err := deploy(&d)
	if (err != nil) != fails {
		return fmt.Errorf("%w\n%s", errors.Join(err, errors.New("it came otherwise")), said.String())
	}
	return nil
}

// translates has CloudFormation take all of the functions' stack but the
// functions, which an engine does not run.
func (t trial) translates(ctx context.Context) error {
	return t.quietly(false, func(d *deployment) error {
		return d.apply(ctx, d.settings.stack, d.settings.values(d.settings.functions), "--template-file", filepath.Join(d.settings.root, functionsFile),
			"--resolve-s3", "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset", "--no-execute-changeset")
	})
}

// blocked is the name that somebody else has.
func (t trial) blocked() *string { return aws.String(t.settings.stack + "-" + string(table.Sessions)) }

func (t trial) fails(ctx context.Context) error {
	key := []dynamotypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: dynamotypes.KeyTypeHash}}
	_, err := t.tables.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: t.blocked(), BillingMode: dynamotypes.BillingModePayPerRequest, KeySchema: key,
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: dynamotypes.ScalarAttributeTypeS}},
	})
	if err != nil {
		return err
	}
	if _, err := t.names(ctx); err == nil || !strings.Contains(err.Error(), *t.blocked()) {
		return fmt.Errorf("the preflight says of the table: %v", err)
	}
	if err := t.quietly(true, func(d *deployment) error { return d.deployData(ctx) }); err != nil {
		return err
	}
	s, err := t.account.find(ctx, t.settings.dataStack())
	if err != nil {
		return err
	}
	if s == nil || !neverStood(s.StackStatus) {
		return fmt.Errorf("afterwards the stack is %v", s)
	}
	return nil
}

func (t trial) stands(ctx context.Context) error {
	if _, err := t.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: t.blocked()}); err != nil {
		return err
	}
	if said, err := t.standing(ctx, t.settings.dataStack()); err != nil || !strings.Contains(said, "created again") {
		return fmt.Errorf("the preflight says %q, %v", said, err)
	}
	if err := t.quietly(false, func(d *deployment) error { return d.deployData(ctx) }); err != nil {
		return err
	}
	return t.is(ctx, types.StackStatusCreateComplete, protect, "false")
}

func (t trial) changes(ctx context.Context) error {
	err := t.quietly(false, func(d *deployment) error {
		d.settings = d.settings.with(map[string]string{"MaxReadUnits": "3000", protect: "true"})
		return d.protect(ctx)
	})
	return errors.Join(err, t.is(ctx, types.StackStatusUpdateComplete, "MaxReadUnits", "3000"), t.is(ctx, types.StackStatusUpdateComplete, protect, "true"))
}

// is compares the data stack's status and one of its parameters.
func (t trial) is(ctx context.Context, status types.StackStatus, name, value string) error {
	s, err := t.account.find(ctx, t.settings.dataStack())
	if err != nil {
		return err
	}
	if s == nil || s.StackStatus != status || parametersOf(s)[name] != value {
		return fmt.Errorf("the stack is %v", s)
	}
	return nil
}

// remove leaves nothing of the trial: what outlives a stack, too.
func (t trial) remove(ctx context.Context) error {
	err := errors.Join(t.account.clear(ctx, t.settings.stack), t.account.clear(ctx, t.settings.dataStack()))
	for _, n := range table.Names {
		_, gone := t.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(t.settings.stack + "-" + string(n))})
		var missing *dynamotypes.ResourceNotFoundException
		if gone != nil && !errors.As(gone, &missing) {
			err = errors.Join(err, gone)
		}
	}
	bucket, group := t.settings.place(t.account.id).Bucket(), "/griot/"+t.settings.stack+"/audit"
	_, gone := t.buckets().DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	var missing smithy.APIError
	if gone != nil && (!errors.As(gone, &missing) || missing.ErrorCode() != "NoSuchBucket") {
		err = errors.Join(err, gone)
	}
	_, gone = cloudwatchlogs.NewFromConfig(t.account.config).DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &group})
	var none *logtypes.ResourceNotFoundException
	if gone != nil && !errors.As(gone, &none) {
		err = errors.Join(err, gone)
	}
	return err
}
