// Package amazon opens Amazon Transcribe for a function.
package amazon

import (
	"griot/internal/blob"
	"griot/internal/setup"
	"griot/internal/transcriber/amazon"
)

// Engine is Amazon Transcribe, for recordings of the function's bucket. The
// process ends where the environment says what cannot work.
// AWS_ENDPOINT_URL_TRANSCRIBE leads elsewhere.
func Engine(c setup.Config, bucket blob.Store) *amazon.Engine {
	t := c.Transcriber
	return setup.Must(amazon.New(c.AWS, setup.Must(c.Bucket()), bucket, amazon.Config{
		Language: t.Language, Vocabulary: t.Vocabulary, Redact: t.Redact,
	}))
}
