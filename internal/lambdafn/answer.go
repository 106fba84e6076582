package lambdafn

import (
	"bytes"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/api"
	"griot/internal/errs"
)

// Errors that stand in place of a handler's answer.
var (
	unreadable = errs.New(errs.Malformed, "the request could not be read")
	broken     = errs.New(errs.Internal, "something went wrong; the request id identifies it")
	oversized  = errs.New(errs.Internal, "the answer is too large to be given at once: ask for less of it")
)

func render(e *errs.Error, event events.APIGatewayProxyRequest) (status int, h http.Header, body []byte) {
	status, contentType, body := api.Failure(e, event.Path, event.RequestContext.RequestID)
	return status, header(contentType), body
}

func refused(e *errs.Error, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	status, h, body := render(e, event)
	return events.APIGatewayProxyResponse{StatusCode: status, MultiValueHeaders: h, Body: string(body)}
}

func refusedStream(e *errs.Error, event events.APIGatewayProxyRequest) *events.APIGatewayProxyStreamingResponse {
	status, h, body := render(e, event)
	return &events.APIGatewayProxyStreamingResponse{StatusCode: status, MultiValueHeaders: h, Body: bytes.NewReader(body)}
}
