package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/infra/lambda/plane"
	"griot/internal/setup"
)

const howToStart = `infra/engines/engines start && eval "$(infra/engines/engines env)"`

// connect returns the plane of the engines that the environment names, and
// never that of an account: it would make tables there.
func connect(ctx context.Context) (aws.Config, *plane.Plane, error) {
	for _, service := range []string{"DYNAMODB", "S3", "SQS"} {
		if os.Getenv("AWS_ENDPOINT_URL") == "" && os.Getenv("AWS_ENDPOINT_URL_"+service) == "" {
			return aws.Config{}, nil, errors.New("no engine in the environment stands for " + service + "; run: " + howToStart)
		}
	}
	config, err := setup.AWSConfig(os.Getenv)
	if err != nil {
		return aws.Config{}, nil, err
	}
	p := plane.New(config)
	if err := p.Ping(ctx); err != nil {
		return aws.Config{}, nil, fmt.Errorf("the engines do not answer; run: %s\n%w", howToStart, err)
	}
	return config, p, nil
}

// awsVariables are those by which functions reach the engines.
func awsVariables() map[string]string {
	out := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case strings.HasPrefix(name, "AWS_ENDPOINT_URL"),
			name == "AWS_ACCESS_KEY_ID", name == "AWS_SECRET_ACCESS_KEY", name == "AWS_SESSION_TOKEN":
			out[name] = value
		}
	}
	return out
}
