package setup

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// AWSConfig makes the configuration of the AWS clients from the environment
// alone, which starts in a fraction of the time of the SDK's own loader. Its
// clients share their connections; [Service.Of] makes of it that of one service.
// It reads
//
//	AWS_REGION, else AWS_DEFAULT_REGION
//	AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//	AWS_ENDPOINT_URL            address of every service
//	AWS_ENDPOINT_URL_<SERVICE>  address of one, such as AWS_ENDPOINT_URL_S3
//
// as Lambda and infra/engines set them. Profiles, SSO and the like are not
// read: `aws configure export-credentials --format env` makes variables of
// them.
func AWSConfig(getenv func(string) string) (aws.Config, error) {
	region := getenv("AWS_REGION")
	if region == "" {
		region = getenv("AWS_DEFAULT_REGION")
	}
	if region == "" {
		return aws.Config{}, errors.New("AWS_REGION is not set")
	}
	credentials, err := credentialsFrom(getenv)
	if err != nil {
		return aws.Config{}, err
	}
	config := aws.Config{
		Region:                     region,
		Credentials:                credentials,
		HTTPClient:                 others.client(connectTime),
		Retryer:                    others.retryer,
		ConfigSources:              []any{endpoints(getenv)},
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if url := getenv("AWS_ENDPOINT_URL"); url != "" {
		config.BaseEndpoint = &url
	}
	return config, nil
}

func credentialsFrom(getenv func(string) string) (aws.CredentialsProvider, error) {
	c := aws.Credentials{
		AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return nil, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set")
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil }), nil
}

// endpoints answers the SDK's clients when they ask for a service's address.
type endpoints func(string) string

// GetServiceBaseEndpoint is the method by which the SDK's clients ask.
func (getenv endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	url := getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return url, url != "", nil
}

// retryer lets the SDK repeat what it can repeat: throttling, failed connections,
// answers of 500 and above. A process whose attempts fail again and again makes
// no second ones (500 tokens, of which each takes 5).
func (s Service) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = s.attempts
		o.Backoff = retry.BackoffDelayerFunc(backoff)
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(brokenOff))
	})
}

// brokenOff is of an answer that ended too early. The SDK knows of connections
// that fail before the answer, but takes this for one that cannot be read.
func brokenOff(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// backoff is full jitter up to 50 ms, 100 ms, 200 ms …; the SDK's own begins
// with a second, which is longer than a whole request may take. Attempts are
// numbered from 1.
func backoff(attempt int, _ error) (time.Duration, error) {
	return rand.N(50 * time.Millisecond << min(attempt-1, 6)), nil
}
