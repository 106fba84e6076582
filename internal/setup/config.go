// Package setup makes of a function's environment what it works with: one
// Config, read once, and below it one package per AWS client, so that a
// function links the clients only that it uses.
package setup

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/internal/limit"
)

// Config is the environment of a function. template.yaml gives each function
// what it uses and no more; a test holds the two together.
type Config struct {
	// GRIOT_TABLE_<TABLE>, GRIOT_QUEUE_<QUEUE>, GRIOT_BUCKET
	getenv func(string) string

	// LoopbackURLs is GRIOT_LOOPBACK_URLS=true: upload_url may be http and
	// point to this machine. For tests on loopback only.
	LoopbackURLs bool
	// Version is GRIOT_VERSION, as /health and /livez say it.
	Version string
	// BedrockModel is GRIOT_BEDROCK_MODEL: the id of the foundation model that
	// extracts candidates; "" leaves it to the rules.
	BedrockModel string
	// MaxTokensPerDay is GRIOT_MAX_TOKENS_PER_DAY: the tokens that a workspace
	// may spend on the model in a day of UTC; 0 or nothing sets no limit.
	MaxTokensPerDay int64
	// MaxMinutesPerDay is GRIOT_MAX_MINUTES_PER_DAY: the minutes of recordings
	// that a workspace may have written down in a day of UTC; 0 or nothing sets
	// no limit.
	MaxMinutesPerDay int64
	// Transcriber writes recordings down.
	Transcriber Transcriber
	// KeepMedia is GRIOT_KEEP_MEDIA_DAYS: how long the recordings of completed
	// sessions are kept; 0 or nothing: as long as their transcripts.
	KeepMedia time.Duration
	// Limits are what each workspace may take of the tables, which may consume
	// GRIOT_MAX_READ_UNITS and GRIOT_MAX_WRITE_UNITS a second.
	Limits limit.Rates
	// AWS serves all clients of the process.
	AWS aws.Config
}

// Transcriber is the engine that writes recordings down. A function is given
// what it needs of it.
type Transcriber struct {
	// Engine is GRIOT_TRANSCRIBER: Amazon, the URL of a server, or none; nothing
	// is none, too.
	Engine string
	// Of a server: GRIOT_TRANSCRIBER_MODEL, its name there; GRIOT_TRANSCRIBER_KEY,
	// nothing where it wants none; GRIOT_TRANSCRIBER_DIARIZE=true asks who
	// speaks; GRIOT_TRANSCRIBER_MAX_MB is the largest request that it takes, 0 or
	// nothing what is known of the service.
	Model, Key string
	Diarize    bool
	MaxBytes   int64
	// Of Amazon Transcribe: GRIOT_TRANSCRIBE_LANGUAGE is what is spoken where a
	// session does not say; GRIOT_TRANSCRIBE_VOCABULARY names a custom vocabulary
	// of the account; GRIOT_TRANSCRIBE_REDACT=true leaves out what identifies a
	// person.
	Language, Vocabulary string
	Redact               bool
}

// Amazon is the Engine of Amazon Transcribe.
const Amazon = "amazon"

// Load reads an environment.
func Load(getenv func(string) string) (Config, error) {
	c := Config{
		getenv: getenv, LoopbackURLs: getenv("GRIOT_LOOPBACK_URLS") == "true", Version: getenv("GRIOT_VERSION"), BedrockModel: getenv("GRIOT_BEDROCK_MODEL"),
		Transcriber: Transcriber{
			Engine: getenv("GRIOT_TRANSCRIBER"), Model: getenv("GRIOT_TRANSCRIBER_MODEL"), Key: getenv("GRIOT_TRANSCRIBER_KEY"),
			Diarize:  getenv("GRIOT_TRANSCRIBER_DIARIZE") == "true",
			Language: getenv("GRIOT_TRANSCRIBE_LANGUAGE"), Vocabulary: getenv("GRIOT_TRANSCRIBE_VOCABULARY"), Redact: getenv("GRIOT_TRANSCRIBE_REDACT") == "true",
		},
	}
	if c.Transcriber.Engine == "none" {
		c.Transcriber.Engine = ""
	}
	reads, writes := int64(limit.DefaultReadUnits), int64(limit.DefaultWriteUnits)
	err := errors.Join(
		readNumber(getenv, "GRIOT_MAX_READ_UNITS", 1, &reads),
		readNumber(getenv, "GRIOT_MAX_WRITE_UNITS", 1, &writes),
		readNumber(getenv, "GRIOT_MAX_TOKENS_PER_DAY", 1, &c.MaxTokensPerDay),
		readNumber(getenv, "GRIOT_MAX_MINUTES_PER_DAY", 1, &c.MaxMinutesPerDay),
		readNumber(getenv, "GRIOT_TRANSCRIBER_MAX_MB", 1<<20, &c.Transcriber.MaxBytes),
		readNumber(getenv, "GRIOT_KEEP_MEDIA_DAYS", 24*time.Hour, &c.KeepMedia),
	)
	if err != nil {
		return Config{}, err
	}
	c.Limits = limit.Share(reads, writes)
	if c.AWS, err = AWSConfig(getenv); err != nil {
		return Config{}, fmt.Errorf("configuring the AWS clients: %w", err)
	}
	return c, nil
}

// readNumber reads how many units a variable says; nothing leaves into as it is.
func readNumber[N ~int64](getenv func(string) string, variable string, unit N, into *N) error {
	value := getenv(variable)
	if value == "" {
		return nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(unit) {
		return fmt.Errorf("%s is %q, want a number", variable, value)
	}
	*into = N(n) * unit
	return nil
}

// Function reads the environment of this function, and ends the process when
// it is not complete: Lambda reports that as a failed start.
func Function() Config { return Must(Load(os.Getenv)) }

// Must returns v, and ends the process if there is an error. It is for the
// mains of functions.
func Must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "griot:", err)
		os.Exit(1)
	}
	return v
}

// Table, Queue and Bucket return the names under which AWS has griot's own:
// GRIOT_TABLE_SESSIONS is that of the table sessions.
func (c Config) Table(name string) (string, error) {
	return c.want("GRIOT_TABLE_" + strings.ToUpper(name))
}

// Queue returns a queue's URL; see [Config.Table].
func (c Config) Queue(name string) (string, error) {
	return c.want("GRIOT_QUEUE_" + strings.ToUpper(name))
}

// Bucket returns the bucket's name; see [Config.Table].
func (c Config) Bucket() (string, error) { return c.want("GRIOT_BUCKET") }

// Endpoint returns the address of an AWS service, "" for AWS's own.
func (c Config) Endpoint(service string) (string, error) {
	url, ok, err := endpoints(c.getenv).GetServiceBaseEndpoint(context.Background(), service)
	if !ok {
		url = aws.ToString(c.AWS.BaseEndpoint)
	}
	return url, err
}

func (c Config) want(variable string) (string, error) {
	if v := c.getenv(variable); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("%s is not set", variable)
}
