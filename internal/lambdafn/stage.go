package lambdafn

import (
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// staged puts the API's stage before a path that an answer leads to, where
// clients have to say it: without a domain of its own an API is found below
// its stage, of which the event's path says nothing.
func staged(h http.Header, event events.APIGatewayProxyRequest) {
	stage := "/" + event.RequestContext.Stage
	below := strings.HasPrefix(event.RequestContext.Path, stage+"/") && !strings.HasPrefix(event.Path, stage+"/")
	if at := h.Get("Location"); below && strings.HasPrefix(at, "/") && event.RequestContext.Stage != "" {
		h.Set("Location", stage+at)
	}
}
