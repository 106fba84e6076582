package main

import (
	"fmt"
	"time"
)

// The limits. A megabyte is 10^6 bytes.
const (
	mostRatio   = 1.75  // of an API function's start to hello's; between 1.2 and 1.65 on an idle machine
	mostAllocs  = 5_000 // in the initialisers, so that lists of words are read when they are first used
	mostSize    = 8.8e6 // stripped, DynamoDB at most; the largest has 8.74
	mostZip     = 3.7e6
	mostSizeAWS = 11e6 // with S3 or SQS
	mostZipAWS  = 4.3e6
	// Workers may read documents and ask models. worker-ingest reads all formats
	// and has both engines for recordings, with the client of Amazon's: 13.3 MB.
	mostSizeWorker = 13.6e6
	mostZipWorker  = 5.3e6
	mostAnswer     = 0.55 // of the time of the SDK's defaults
)

// report prints a line for each function and returns what is over a limit.
func report(rows []row) (broken []string) {
	fmt.Printf("%-22s %10s %7s %7s %9s %9s\n", "", "start", "×hello", "allocs", "size MB", "zip MB")
	for _, r := range rows {
		fmt.Printf("%-22s %8.2fms %7.2f %7d %9.2f %9.2f\n",
			r.name, float64(r.start)/float64(time.Millisecond), r.ratio, r.allocs, float64(r.size)/1e6, float64(r.zip)/1e6)
		broken = append(broken, r.over()...)
	}
	return broken
}

// slow: an API function starts too slowly.
func (r row) slow() bool { return !isWorker(r.name) && r.ratio > mostRatio }

func (r row) over() (broken []string) {
	limit := func(what string, got, most float64) {
		if got > most {
			broken = append(broken, fmt.Sprintf("%s: %s is %.4g, at most %.4g", r.name, what, got, most))
		}
	}
	size, zip := mostSize, mostZip
	switch {
	case isWorker(r.name):
		size, zip = mostSizeWorker, mostZipWorker
	case r.aws:
		size, zip = mostSizeAWS, mostZipAWS
	}
	limit("size", float64(r.size), size)
	limit("zip", float64(r.zip), zip)
	limit("allocations", float64(r.allocs), mostAllocs)
	if !isWorker(r.name) {
		limit("start × hello", r.ratio, mostRatio)
	}
	return broken
}

func reportAnswer(ours, theirs time.Duration) []string {
	ratio := float64(ours) / float64(theirs)
	fmt.Printf("\nprocessor's time to the first answer from DynamoDB: %v, with the SDK's defaults and the system's roots %v: × %.2f\n",
		ours.Round(10*time.Microsecond), theirs.Round(10*time.Microsecond), ratio)
	if ratio > mostAnswer {
		return []string{fmt.Sprintf("the first answer takes %.2f of the defaults' time, at most %.2f", ratio, mostAnswer)}
	}
	return nil
}
