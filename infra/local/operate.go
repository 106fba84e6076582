package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"griot/internal/audit"
	"griot/internal/operator"
	"griot/internal/setup"
	"griot/internal/setup/auditlog"
	"griot/internal/setup/desk"
)

// operate runs an operator's command: on a deployed stack if one is named,
// else in the running server, else on its file.
func operate(ctx context.Context, o options, args []string, out io.Writer) error {
	args, stack, err := takeStack(args)
	if err != nil {
		return err
	}
	if stack == "" {
		stack = o.stack
	}
	switch args[0] {
	case "redrive":
		args = append([]string{"queues"}, args...)
	case "usage":
		args = append([]string{"workspaces"}, args...)
	}
	if stack != "" {
		return operateStack(ctx, stack, args, out)
	}
	err = operator.Call(ctx, socketPath(o.data), args, out)
	if !errors.Is(err, operator.ErrNoServer) {
		return err
	}
	o.addr = "127.0.0.1:0"
	return withHost(o, func(h *host) error { return operator.Run(ctx, h.desk(), args, out) })
}

// takeStack takes -stack NAME out of a command, wherever it stands.
func takeStack(args []string) (rest []string, stack string, err error) {
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		switch {
		case name != "-stack" && name != "--stack":
			if joined {
				name += "=" + value
			}
			rest = append(rest, name)
			continue
		case !joined && len(args) > 0:
			value, args = args[0], args[1:]
		}
		if stack = value; stack == "" {
			return nil, "", errors.New("-stack wants the name of a deployed stack")
		}
	}
	return rest, stack, nil
}

const howToSignIn = `credentials and region come from the environment; those of a profile or of single sign-on:
  eval "$(aws configure export-credentials --format env)"; export AWS_REGION=…`

func operateStack(ctx context.Context, stack string, args []string, out io.Writer) error {
	c, err := setup.Stack(os.Getenv, stack)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, howToSignIn)
	}
	d, err := desk.Open(c)
	if err != nil {
		return err
	}
	log := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	slog.SetDefault(slog.New(audit.Keep(log, auditlog.Writer(c, stack))))
	err = operator.Run(ctx, d, args, out)
	var usage *operator.UsageError
	if err == nil || errors.As(err, &usage) {
		return err
	}
	return inStack(stack, c.AWS.Region, err)
}

// inStack says of which stack an error is, and whether there is one at all.
func inStack(stack, region string, err error) error {
	var refused interface{ ErrorCode() string } // of AWS
	if errors.As(err, &refused) && slices.Contains(notThere, refused.ErrorCode()) {
		return fmt.Errorf("there is no stack %s in %s, which AWS_REGION says: %w", stack, region, err)
	}
	return fmt.Errorf("stack %s in %s: %w", stack, region, err)
}

// notThere are DynamoDB's and SQS's words for a name that nothing bears.
var notThere = []string{"ResourceNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"}
