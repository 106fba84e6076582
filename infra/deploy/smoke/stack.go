package smoke

import (
	"bytes"
	"context"
	"fmt"

	"griot/internal/blob"
	"griot/internal/blob/s3"
	"griot/internal/setup"
	"griot/internal/setup/desk"
)

// Stack is the target that a stack is, with its bucket; c is the stack's
// ([setup.Stack]).
func Stack(c setup.Config, bucket, base, version string) (Target, error) {
	d, err := desk.Open(c)
	if err != nil {
		return Target{}, err
	}
	objects, err := s3.New(c.AWS, bucket)
	if err != nil {
		return Target{}, fmt.Errorf("opening the bucket: %w", err)
	}
	drop := func(ctx context.Context, key string, data []byte) error {
		_, err := objects.Put(ctx, key, bytes.NewReader(data), int64(len(data)), blob.Put{ContentType: "text/vtt"})
		return err
	}
	return Target{Base: base, Desk: d, Version: version, Drop: drop}, nil
}
