package api

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/errs"
)

// Everywhere is the path of [Unknown], as API Gateway writes it.
const Everywhere = "/{proxy+}"

// Unknown is what a gateway asks of paths that are no endpoint's. Hosts that
// serve all endpoints do without it: [Handler] answers these in any case.
func Unknown() Endpoint {
	return Endpoint{
		Name: "unknown-path", Method: "ANY", Path: Everywhere, Public: true,
		Serve: func(http.ResponseWriter, *http.Request, access.Principal) error { return noSuchPath() },
	}
}

func noSuchPath() error {
	return errs.New(errs.NotFound, "there is no such path, or not with this method")
}
