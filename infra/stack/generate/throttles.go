package main

import (
	"fmt"
	"net/http"
	"strings"

	"griot/infra/stack"
)

// throttlesRegion is what the gateway takes of endpoints whose requests are
// dear. It applies to a path and a method as they are asked: ANY is none.
func throttlesRegion(functions []stack.Function) string {
	var b strings.Builder
	for _, f := range functions {
		if !f.Dear {
			continue
		}
		methods := []string{f.Endpoint().Method}
		if methods[0] == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		for _, method := range methods {
			fmt.Fprintf(&b, `        - ResourcePath: /%s
          HttpMethod: %s
          MetricsEnabled: true
          ThrottlingRateLimit: !Ref DearRequestsPerSecond
          ThrottlingBurstLimit: !Ref DearRequestsPerSecond
`, strings.ReplaceAll(f.Endpoint().Path, "/", "~1"), method)
		}
	}
	return b.String()
}
