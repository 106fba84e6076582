// Package objects opens S3 for a function. Only this package and the driver
// link the client.
package objects

import (
	"griot/internal/blob"
	"griot/internal/blob/s3"
	"griot/internal/setup"
)

// Open returns the function's bucket. The process ends when the environment
// does not name it.
func Open(c setup.Config) blob.Store {
	return setup.Must(s3.New(setup.S3.Of(c.AWS), setup.Must(c.Bucket())))
}
