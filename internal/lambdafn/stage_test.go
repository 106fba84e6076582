package lambdafn_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/lambdafn"
)

// A client without a domain follows a Location below the stage; one with a
// domain has none to say.
func TestLocationsHaveTheStage(t *testing.T) {
	for _, tt := range []struct{ path, asked, stage, location, want string }{
		{"/v1/plums", "/dev/v1/plums", "dev", "/v1/plums/1", "/dev/v1/plums/1"},
		{"/v1/plums", "/v1/plums", "dev", "/v1/plums/1", "/v1/plums/1"},
		{"/dev/plums", "/dev/plums", "dev", "/v1/plums/1", "/v1/plums/1"}, // a path that is called so, with a domain
		{"/dev/plums", "/dev/dev/plums", "dev", "/dev/plums/1", "/dev/plums/1"},
		{"/v1/plums", "/develop/v1/plums", "dev", "/v1/plums/1", "/v1/plums/1"},
		{"/v1/plums", "/dev/v1/plums", "dev", "https://elsewhere.example/1", "https://elsewhere.example/1"},
		{"/v1/plums", "/v1/plums", "", "/v1/plums/1", "/v1/plums/1"},
		{"/v1/plums", "/dev/v1/plums", "dev", "", ""},
	} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if tt.location != "" {
				w.Header().Set("Location", tt.location)
			}
			w.WriteHeader(http.StatusCreated)
		})
		event := get(tt.path)
		event.RequestContext = events.APIGatewayProxyRequestContext{Stage: tt.stage, Path: tt.asked}
		out, err := lambdafn.Streamed(handler)(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		for host, h := range map[string]http.Header{"buffered": buffered(t, handler, event).MultiValueHeaders, "streamed": out.MultiValueHeaders} {
			if got := h.Get("Location"); got != tt.want {
				t.Errorf("%s, %s at %s: %q, want %q", host, tt.location, tt.asked, got, tt.want)
			}
		}
	}
}
