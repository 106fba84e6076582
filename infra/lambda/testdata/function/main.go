// Function function does what its event says, for the tests of the platform.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// order is an event, or the body of a request through the gateway.
type order struct {
	Do   string `json:"do"`
	Size int    `json:"size"`
	URL  string `json:"url"` // is asked, and answers when the test lets go
}

func main() {
	if len(os.Getenv("BROKEN")) > 0 {
		fmt.Println("cannot start")
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, event json.RawMessage) (any, error) {
	var request struct {
		order
		HTTPMethod string
		Body       string
	}
	if err := json.Unmarshal(event, &request); err != nil {
		return nil, err
	}
	if request.HTTPMethod == "" {
		return do(ctx, request.order, event)
	}
	_ = json.Unmarshal([]byte(request.Body), &request.order) // other bodies are echoed
	if request.Do == "" {
		return answer(string(event)), nil
	}
	return do(ctx, request.order, event)
}

func answer(body string) events.APIGatewayProxyResponse {
	return events.APIGatewayProxyResponse{
		StatusCode: 201, Body: body, Headers: map[string]string{"Content-Type": "application/json"},
		MultiValueHeaders: map[string][]string{"X-Twice": {"a", "b"}},
	}
}

func do(ctx context.Context, o order, event json.RawMessage) (any, error) {
	switch o.Do {
	case "self":
		return self(ctx), nil
	case "wait": // and say which process waited
		return map[string]any{"pid": os.Getpid()}, get(o.URL)
	case "fail":
		return nil, errors.New("as ordered")
	case "panic":
		panic("as ordered")
	case "exit":
		fmt.Print("a last word")
		os.Exit(7)
	case "big":
		return strings.Repeat("x", o.Size), nil
	case "bytes":
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: "AP8=", IsBase64Encoded: true}, nil
	case "nonsense":
		return []int{1, 2}, nil
	case "stream", "stream-panic", "stream-exit", "stream-stop":
		return stream(o), nil
	}
	return event, nil
}

func self(ctx context.Context) map[string]any {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return map[string]any{
		"pid": os.Getpid(), "env": env, "arn": lc.InvokedFunctionArn, "id": lc.AwsRequestID,
		"left_ms": time.Until(deadline).Milliseconds(),
	}
}

// get asks the test, which answers when it wants to.
func get(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// stream sends "one", asks the test, and goes on as ordered. The test hears
// also that the function has come to its end.
func stream(o order) *events.APIGatewayProxyStreamingResponse {
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, "one")
		_ = get(o.URL + "/1")
		switch o.Do {
		case "stream-panic":
			_ = w.CloseWithError(errors.New("as ordered"))
		case "stream-exit":
			os.Exit(7)
		case "stream-stop":
			select {}
		}
		for range o.Size {
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		}
		_, _ = io.WriteString(w, "two")
		_ = get(o.URL + "/2")
		_ = w.Close()
	}()
	return &events.APIGatewayProxyStreamingResponse{
		StatusCode: 200, Headers: map[string]string{"Content-Type": "text/event-stream"}, Body: r,
	}
}
