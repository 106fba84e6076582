package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/fetch"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/task"
)

// fetchLease is above what a fetch may take.
const fetchLease = fetch.DefaultTimeout + time.Minute

// FetchURL handles the fetch queue: it streams somebody else's URL into the
// blob store and hands it on to be read.
func (f Files) FetchURL() Worker {
	return serve(queue.Fetch, task.Handlers{task.FetchURL: func(ctx context.Context, job task.Message) error {
		reading, ok, err := f.Sessions.Uploads.Reading(ctx, job.Ref())
		switch {
		case err != nil:
			return err
		case !ok:
			return f.Sessions.Uploads.Unfetched(ctx, job)
		case reading.URL == "":
			return nil
		}
		if f.FetchesAtOnce > 0 {
			lease, err := f.Sessions.Uploads.LeaseFetch(ctx, job.Workspace, f.FetchesAtOnce, fetchLease)
			if err != nil {
				return err
			}
			if lease == nil {
				return f.Sessions.Uploads.FetchLater(ctx, job.Ref())
			}
			defer release(ctx, lease)
		}
		size, err := f.fetch(ctx, reading)
		if err != nil {
			return f.end(ctx, job, err)
		}
		return f.Sessions.Uploads.Fetched(ctx, job.Ref(), size)
	}})
}

// release ends the lease of a fetch. If that fails the fetch has not: the lease
// ends by itself.
func release(ctx context.Context, lease *session.Lease) {
	if err := lease.End(ctx); err != nil {
		slog.WarnContext(ctx, "the lease of a fetch lasts to its end", "error", err)
	}
}

// fetch returns how many bytes there were.
func (f Files) fetch(ctx context.Context, r upload.Reading) (int64, error) {
	body, size, err := f.Fetch.Open(ctx, r.URL)
	if err != nil {
		return 0, refusal(err)
	}
	defer body.Close()
	if err := f.Sessions.Uploads.Room(ctx, r.Workspace, size); err != nil {
		return 0, refusal(err)
	}
	info, err := f.Blobs.Put(ctx, r.Object, body, size, blob.Put{})
	if err != nil {
		return 0, refusal(fmt.Errorf("streaming upload_url into the store: %w", err))
	}
	return info.Size, nil
}

// refusal makes an error of the fetcher, or a quota, one that ends the session; others
// stay what they are.
func refusal(err error) error {
	if errs.Is(err, errs.QuotaExceeded) {
		return &Failed{session.Failure{Code: session.FileTooLarge, Message: errs.As(err).Message}}
	}
	if e, ok := fetch.As(err); ok {
		return &Failed{session.Failure{Code: e.Code, Message: e.Message}}
	}
	return err
}
