// Package bedrock has a foundation model of Amazon Bedrock look for what rules
// look for otherwise. The transcript is data to it: all that it can answer is
// a call of one tool, whose input is checked value by value, and a finding
// whose quote does not stand in the segment that it names is dropped.
package bedrock

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// Send posts a request to the model's Converse API and returns the answer's
// body, at most MaxAnswer bytes. An error is worth another try of the job.
type Send func(ctx context.Context, body []byte) ([]byte, error)

// MaxAnswer is far above what maxTokens can be.
const MaxAnswer = 1 << 20

const (
	// partSize is how many bytes of transcript, about 15,000 tokens, are read
	// at once.
	partSize  = 60_000
	parallel  = 8
	maxTokens = 8192
)

// Extractor returns the extractor of a model.
func Extractor(model string, send Send) extraction.Extractor {
	return extraction.Extractor{
		Name: "bedrock", Version: model,
		Extract: func(ctx context.Context, in extraction.Input) (extraction.Findings, error) {
			parts := cut(in.Segments)
			found := make([]record, len(parts))
			group, ctx := errgroup.WithContext(ctx)
			group.SetLimit(parallel)
			for i, part := range parts {
				group.Go(func() (err error) {
					found[i], err = ask(ctx, send, in, part)
					return err
				})
			}
			if err := group.Wait(); err != nil {
				return extraction.Findings{}, err
			}
			return merge(in.Segments, found), nil
		},
	}
}

// cut cuts a transcript into parts of whole segments.
func cut(segs []transcript.Segment) [][]transcript.Segment {
	var parts [][]transcript.Segment
	size, from := 0, 0
	for i, seg := range segs {
		if size > 0 && size+len(seg.Text) > partSize {
			parts, size, from = append(parts, segs[from:i]), 0, i
		}
		size += len(seg.Text)
	}
	if from < len(segs) {
		parts = append(parts, segs[from:])
	}
	return parts
}

// answer is what Converse returns (Amazon Bedrock API reference, Converse).
type answer struct {
	Output struct {
		Message struct {
			Content []struct {
				ToolUse *struct {
					Name  string          `json:"name"`
					Input json.RawMessage `json:"input"`
				} `json:"toolUse"`
			} `json:"content"`
		} `json:"message"`
	} `json:"output"`
	StopReason string `json:"stopReason"`
}

// ask has the model read a part. What it does not put into the tool's form
// counts for nothing: to ask again would give the same.
func ask(ctx context.Context, send Send, in extraction.Input, part []transcript.Segment) (record, error) {
	body, err := send(ctx, request(in, part))
	if err != nil {
		return record{}, fmt.Errorf("asking the model: %w", err)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return record{}, fmt.Errorf("reading the model's answer: %w", err)
	}
	for _, c := range a.Output.Message.Content {
		var r record
		if c.ToolUse != nil && c.ToolUse.Name == toolName && json.Unmarshal(c.ToolUse.Input, &r) == nil {
			return r, nil
		}
	}
	slog.WarnContext(ctx, "the model recorded nothing", "stop", a.StopReason, "first_seq", part[0].Seq)
	return record{}, nil
}
