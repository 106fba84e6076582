package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

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
