// Package smoke asks a griot that runs somewhere for what only the whole of it
// can show: its gateway, keys, streams, signed uploads, workers, search and
// deletion. Each step prints one line, with how long it took and what was seen.
// It works in a workspace of its own, and removes what it has made there.
package smoke

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/blob/s3"
	"griot/internal/operator"
	"griot/internal/setup"
	"griot/internal/setup/desk"
)

// Target is what is asked.
type Target struct {
	Base    string        // URL, with the stage where the host name is AWS's
	Desk    operator.Desk // makes the key
	Version string        // that it should say it is; "" for any
	// Drop puts a file where files start sessions: inbox/… in the bucket.
	Drop func(ctx context.Context, key string, data []byte) error
}

// patience is how long a step may take before it counts as failed. A cold
// stack needs seconds, a deletion that waits for its sweeper minutes.
const patience = 5 * time.Minute

// run is one pass through the steps.
type run struct {
	target Target
	client client
	word   string // in all that is said, and nowhere else

	workspace, project, keyID string
	live                      string // the live session, while it is one
	last                      string // the last event that was seen of it
	sessions, conversations   []string
}

// leftOut is why a step was not tried. It is no failure.
type leftOut string

func (l leftOut) Error() string { return string(l) }

type step struct {
	name string
	try  func(context.Context) (saw string, err error)
}

// Run goes through all steps and prints a line for each. It fails when one of
// them does; those that do not need it are tried all the same.
func Run(ctx context.Context, t Target, out io.Writer) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // what is large has to arrive large
	r := &run{target: t, word: "quillwort" + strings.ToLower(rand.Text()[:8]), client: client{base: t.Base, http: &http.Client{Transport: transport}}}
	defer r.client.http.CloseIdleConnections()
	steps := []step{
		{"health", r.health},
		{"first key", r.firstKey},
		{"who may not", r.strangers},
		{"unknown paths", r.unknownPaths},
		{"unknown ids", r.unknownIDs},
		{"bodies too large", r.tooLarge},
		{"live stream", r.follow},
		{"stream resumed", r.resume},
		{"signed upload", r.upload},
		{"inbox to search", r.drop},
		{"a timeline over 10 MB", r.longTimeline},
		{"deletion", r.remove},
		{"a burst", r.burst},
		{"key revoked", r.revoke},
	}
	defer r.tidy(context.WithoutCancel(ctx), out)
	failed := 0
	begun := time.Now()
	for _, s := range steps {
		err := s.do(ctx, out)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed++
		}
		if s.name == "first key" && r.keyID == "" {
			return errors.New("without a key the smoke test ends here")
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d steps of the smoke test failed", failed, len(steps))
	}
	fmt.Fprintf(out, "all of it holds, after %v\n", time.Since(begun).Round(time.Second/10))
	return nil
}

// do tries the step and prints what came of it.
func (s step) do(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	saw, err := s.try(ctx)
	took := time.Since(begun).Round(time.Millisecond)
	var left leftOut
	if errors.As(err, &left) {
		saw, err = "left out: "+string(left), nil
	}
	if err != nil {
		saw = "FAILED: " + err.Error()
	}
	fmt.Fprintf(out, "%-22s %8v  %s\n", s.name, took, saw)
	return err
}

// await asks again until there is an answer, or the step's time is over.
func await(ctx context.Context, what string, look func() (done bool, err error)) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s in vain", what)
		case <-time.After(pause):
		}
	}
}

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
