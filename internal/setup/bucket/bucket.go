// Package bucket names a function's bucket without the client for it.
package bucket

import (
	"griot/internal/blob"
	"griot/internal/blob/s3/address"
	"griot/internal/setup"
)

// Named returns the function's bucket as one of which only KeyOf may be
// called. The process ends when the environment does not name it.
func Named(c setup.Config) blob.Store {
	endpoint := setup.Must(c.Endpoint("S3"))
	return setup.Must(address.New(setup.Must(c.Bucket()), c.AWS.Region, endpoint)).Only()
}
