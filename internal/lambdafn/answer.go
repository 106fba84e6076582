package lambdafn

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// canned is an answer in place of the handler's, in the dialect of the path
// (contract A.5 and C).
type canned struct {
	status              int
	code, title, detail string
}

var (
	unreadable = canned{http.StatusBadRequest, "invalid_request", "Invalid request", "the request could not be read"}
	broken     = canned{http.StatusInternalServerError, "internal_error", "Internal error",
		"something went wrong; the request id identifies it"}
	oversized = canned{http.StatusInternalServerError, "internal_error", "Internal error",
		"the answer is too large to be given at once: ask for less of it"}
)

func (c canned) render(event events.APIGatewayProxyRequest) (http.Header, string) {
	id := event.RequestContext.RequestID
	if event.Path == "/v1" || strings.HasPrefix(event.Path, "/v1/") {
		return header("application/problem+json"), encode(struct {
			Type     string `json:"type"`
			Title    string `json:"title"`
			Status   int    `json:"status"`
			Detail   string `json:"detail"`
			Instance string `json:"instance"`
		}{"https://errors.mnemos.ai/" + c.code, c.title, c.status, c.detail, id})
	}
	return header("application/json; charset=utf-8"), encode(struct {
		Error     string `json:"error"`
		Code      string `json:"code"`
		RequestID string `json:"requestId"`
	}{c.detail, strings.ToUpper(c.code), id})
}

func encode(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(data)
}

func (c canned) response(event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	h, body := c.render(event)
	return events.APIGatewayProxyResponse{StatusCode: c.status, MultiValueHeaders: h, Body: body}
}

func (c canned) stream(event events.APIGatewayProxyRequest) *events.APIGatewayProxyStreamingResponse {
	h, body := c.render(event)
	return &events.APIGatewayProxyStreamingResponse{
		StatusCode: c.status, MultiValueHeaders: h, Body: strings.NewReader(body),
	}
}
