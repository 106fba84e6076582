package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"griot/internal/setup"
)

// account is the one that the credentials are for, in a region.
type account struct {
	config  aws.Config
	id, arn string // arn: who we are
	stacks  *cloudformation.Client
}

const howToSignIn = `sign in first, in one of these ways:
  aws sso login --profile NAME && export AWS_PROFILE=NAME
  export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… [AWS_SESSION_TOKEN=…]`

// signIn takes credentials from where the aws command does: environment,
// profile, single sign-on; of a profile that samconfig.toml names those that
// sam takes, or it would deploy to another account than was looked at.
func signIn(ctx context.Context, region, profile string) (account, error) {
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithSharedConfigProfile(profile))
	if err != nil {
		return account{}, fmt.Errorf("%w\n%s", err, howToSignIn)
	}
	who, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return account{}, fmt.Errorf("AWS does not know us: %w\n%s", err, howToSignIn)
	}
	return account{config: c, id: aws.ToString(who.Account), arn: aws.ToString(who.Arn), stacks: cloudformation.NewFromConfig(c)}, nil
}

// environment is what griot's own clients read, with the credentials that we
// have.
func (a account) environment(ctx context.Context) (func(string) string, error) {
	credentials, err := a.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, howToSignIn)
	}
	own := map[string]string{
		"AWS_REGION": a.config.Region, "AWS_ACCESS_KEY_ID": credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": credentials.SecretAccessKey, "AWS_SESSION_TOKEN": credentials.SessionToken,
	}
	return func(name string) string {
		if value, ok := own[name]; ok {
			return value
		}
		return os.Getenv(name)
	}, nil
}

// stackConfig is the configuration of an operator's program for a stack.
func (a account) stackConfig(ctx context.Context, name string) (setup.Config, error) {
	getenv, err := a.environment(ctx)
	if err != nil {
		return setup.Config{}, err
	}
	return setup.Stack(getenv, name)
}

// find describes a stack; nil if there is none.
func (a account) find(ctx context.Context, name string) (*types.Stack, error) {
	out, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "ValidationError" && strings.Contains(refused.ErrorMessage(), "does not exist") {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describing the stack %s: %w", name, err)
	}
	if s := out.Stacks[0]; s.StackStatus != types.StackStatusReviewInProgress { // of a change set that nobody has executed
		return &s, nil
	}
	return nil, nil
}

// clear deletes a stack that never stood. Nothing of it was in use.
func (a account) clear(ctx context.Context, name string) error {
	if _, err := a.stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		return fmt.Errorf("deleting the stack %s: %w", name, err)
	}
	gone := cloudformation.NewStackDeleteCompleteWaiter(a.stacks, func(o *cloudformation.StackDeleteCompleteWaiterOptions) { o.MinDelay = time.Second })
	if err := gone.Wait(ctx, &cloudformation.DescribeStacksInput{StackName: &name}, 15*time.Minute); err != nil {
		return fmt.Errorf("waiting until the stack %s is deleted: %w", name, err)
	}
	return nil
}

// parametersOf are a stack's, as they are now.
func parametersOf(s *types.Stack) map[string]string {
	out := map[string]string{}
	if s == nil {
		return out
	}
	for _, p := range s.Parameters {
		out[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	return out
}

// output is one of a stack's.
func output(s *types.Stack, name string) string {
	if s == nil {
		return ""
	}
	for _, o := range s.Outputs {
		if aws.ToString(o.OutputKey) == name {
			return aws.ToString(o.OutputValue)
		}
	}
	return ""
}
