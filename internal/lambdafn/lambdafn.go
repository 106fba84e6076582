// Package lambdafn connects http.Handlers to AWS Lambda behind an API Gateway
// REST API: buffered answers in buffered.go, streamed ones in stream.go. What
// comes from queues and schedules is in the package jobs below.
package lambdafn

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Start serves invocations with any handler that the Lambda library takes. It
// does not return. What the process logs from here on has the request's id, and
// its counted numbers are metrics.
func Start(handler any) {
	limitMemory()
	slog.SetDefault(slog.New(counting{lambdacontext.NewLogger().Handler(), lambdacontext.FunctionName}))
	lambda.Start(handler)
}

// margin is the part of an invocation's time that is kept for answering that
// the time is over.
const margin = 500 * time.Millisecond

// bounded returns a context that ends a margin before the invocation does.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// header has what every answer of the API has, for the answers made here.
func header(contentType string) http.Header {
	return http.Header{
		"Content-Type":           {contentType},
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
	}
}
