//go:build !unix

package tabletest

import "time"

// Processor is not known here.
func Processor() time.Duration { return 0 }
