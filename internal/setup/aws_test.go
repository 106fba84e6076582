package setup

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func environment(pairs map[string]string) func(string) string {
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
	for name, value := range pairs {
		env[name] = value
	}
	return func(name string) string { return env[name] }
}

func TestAWSConfigCredentials(t *testing.T) {
	config, err := AWSConfig(environment(map[string]string{"AWS_SESSION_TOKEN": "token"}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Credentials.Retrieve(t.Context())
	want := aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret", SessionToken: "token", Source: "environment"}
	if got != want || err != nil || config.Region != "eu-west-1" {
		t.Errorf("got %+v, %v in region %q", got, err, config.Region)
	}
}

func TestAWSConfigRefuses(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if _, err := AWSConfig(environment(map[string]string{name: ""})); err == nil {
			t.Errorf("made a configuration without %s", name)
		}
	}
	config, err := AWSConfig(environment(map[string]string{"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-2"}))
	if err != nil || config.Region != "us-east-2" {
		t.Errorf("region %q, %v", config.Region, err)
	}
}

// The clients look into the process's environment themselves, too.
func TestAWSConfigEndpoints(t *testing.T) {
	const all, one = "http://127.0.0.1:1", "http://127.0.0.1:2"
	tests := map[string]struct {
		env           map[string]string
		dynamodb, sqs string
	}{
		"none": {nil, "", ""},
		"all":  {map[string]string{"AWS_ENDPOINT_URL": all}, all, all},
		"one":  {map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": one}, one, ""},
		"both": {map[string]string{"AWS_ENDPOINT_URL": all, "AWS_ENDPOINT_URL_DYNAMODB": one}, one, all},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			config, err := AWSConfig(environment(test.env))
			if err != nil {
				t.Fatal(err)
			}
			if got := aws.ToString(dynamodb.NewFromConfig(config).Options().BaseEndpoint); got != test.dynamodb {
				t.Errorf("DynamoDB at %q, want %q", got, test.dynamodb)
			}
			if got := aws.ToString(sqs.NewFromConfig(config).Options().BaseEndpoint); got != test.sqs {
				t.Errorf("SQS at %q, want %q", got, test.sqs)
			}
		})
	}
}
