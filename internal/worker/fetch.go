package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/blob"
	"griot/internal/fetch"
	"griot/internal/session"
)

// fetchLease is above what a fetch may take.
const fetchLease = fetch.DefaultTimeout + time.Minute

// FetchURL handles the fetch queue: it streams somebody else's URL into the
// blob store and hands it on to be read.
func (f Files) FetchURL() Worker {
	return func(ctx context.Context, body []byte) error {
		job, err := decode(body)
		if err != nil {
			return err
		}
		reading, ok, err := f.Sessions.Reading(ctx, job.Workspace, job.Session)
		switch {
		case err != nil:
			return err
		case !ok:
			return f.Sessions.Unfetched(ctx, job)
		case reading.URL == "":
			return nil
		}
		if f.FetchesAtOnce > 0 {
			lease, err := f.Sessions.LeaseFetch(ctx, job.Workspace, f.FetchesAtOnce, fetchLease)
			if err != nil {
				return err
			}
			if lease == nil {
				return f.Sessions.FetchLater(ctx, job.Workspace, job.Session)
			}
			defer release(ctx, lease)
		}
		if err := f.fetch(ctx, reading); err != nil {
			return f.end(ctx, job, err)
		}
		return f.Sessions.Fetched(ctx, job.Workspace, job.Session)
	}
}

// release ends the lease of a fetch. If that fails the fetch has not: the lease
// ends by itself.
func release(ctx context.Context, lease *session.Lease) {
	if err := lease.End(ctx); err != nil {
		slog.WarnContext(ctx, "the lease of a fetch lasts to its end", "error", err)
	}
}

func (f Files) fetch(ctx context.Context, r session.Reading) error {
	body, size, err := f.Fetch.Open(ctx, r.URL)
	if err != nil {
		return refusal(err)
	}
	defer body.Close()
	if _, err := f.Blobs.Put(ctx, r.Object, body, size, blob.Put{}); err != nil {
		return refusal(fmt.Errorf("streaming upload_url into the store: %w", err))
	}
	return nil
}

// refusal makes an error of the fetcher one that ends the session; others
// stay what they are.
func refusal(err error) error {
	if e, ok := fetch.As(err); ok {
		return &Failed{session.Failure{Code: e.Code, Message: e.Message}}
	}
	return err
}
