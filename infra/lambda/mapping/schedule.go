package mapping

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"griot/infra/lambda/platform"
)

// Schedule invokes a function now and then again after each interval, also
// when the last invocation has not ended yet.
type Schedule struct {
	Every         time.Duration
	Function, ARN string
	Invoke        Invoke
}

// Run works until ctx ends, and returns when the last function has.
func (s Schedule) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	for ctx.Err() == nil {
		running.Go(func() { s.fire(context.WithoutCancel(ctx), time.Now()) })
		pause(ctx, s.Every)
	}
}

func (s Schedule) fire(ctx context.Context, now time.Time) {
	answer, err := s.Invoke(ctx, s.Function, s.event(now))
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body)
	}
	if err != nil {
		slog.ErrorContext(ctx, "a scheduled function failed", "function", s.Function, "error", err)
	}
}

// event is what EventBridge sends.
func (s Schedule) event(now time.Time) []byte {
	data, err := json.Marshal(map[string]any{
		"version": "0", "id": platform.NewID(), "detail-type": "Scheduled Event", "source": "aws.events",
		"account": "000000000000", "time": now.UTC().Format(time.RFC3339), "region": region(s.ARN),
		"resources": []string{"arn:aws:events:" + region(s.ARN) + ":000000000000:rule/" + s.Function}, "detail": map[string]any{},
	})
	if err != nil {
		panic(err) // strings always encode
	}
	return data
}

// region is the fourth part of an ARN.
func region(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}
