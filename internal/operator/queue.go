package operator

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"griot/internal/queue"
)

type queueJSON struct {
	Name     queue.Name `json:"name"`
	Ready    int        `json:"ready"`
	InFlight int        `json:"in_flight"`
	Delayed  int        `json:"delayed"`
	Dead     int        `json:"dead"`
}

// listQueues counts; on AWS the numbers are approximate.
func listQueues(ctx context.Context, in *invocation) error {
	rows := [][]string{{"QUEUE", "READY", "IN FLIGHT", "DELAYED", "DEAD"}}
	var all []queueJSON
	for _, name := range queue.Names {
		q, err := in.desk.Queue(ctx, name)
		if err != nil {
			return err
		}
		d, err := q.Depth(ctx)
		if err != nil {
			return fmt.Errorf("counting the queue %s: %w", name, err)
		}
		all = append(all, queueJSON{name, d.Ready, d.InFlight, d.Delayed, d.Dead})
		rows = append(rows, []string{string(name), strconv.Itoa(d.Ready), strconv.Itoa(d.InFlight), strconv.Itoa(d.Delayed), strconv.Itoa(d.Dead)})
	}
	if in.json {
		return in.printJSON(all)
	}
	return in.printRows(rows)
}

type redriveJSON struct {
	Name queue.Name `json:"name"`
	Dead int        `json:"dead"` // counted before; on AWS about
	Back int        `json:"back"` // -1: AWS moves them in the background
}

// redrive brings dead letters back to be handled anew. A queue without any is
// left alone.
func redrive(ctx context.Context, in *invocation) error {
	names, err := queueNames(in.args)
	if err != nil {
		return err
	}
	all := []redriveJSON{}
	for _, name := range names {
		r, err := in.redriveOne(ctx, name)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	if in.json {
		return in.printJSON(all)
	}
	for _, r := range all {
		fmt.Fprintf(in.out, "%-8s %s\n", r.Name, r.words())
	}
	return nil
}

func queueNames(args []string) ([]queue.Name, error) {
	if len(args) == 0 {
		return queue.Names, nil
	}
	var names []queue.Name
	for _, arg := range args {
		if !slices.Contains(queue.Names, queue.Name(arg)) {
			return nil, usageError("there is no queue %q; there are %v", arg, queue.Names)
		}
		names = append(names, queue.Name(arg))
	}
	return names, nil
}

func (in *invocation) redriveOne(ctx context.Context, name queue.Name) (redriveJSON, error) {
	q, err := in.desk.Queue(ctx, name)
	if err != nil {
		return redriveJSON{}, err
	}
	d, err := q.Depth(ctx)
	if err != nil {
		return redriveJSON{}, fmt.Errorf("counting the dead letters of %s: %w", name, err)
	}
	r := redriveJSON{Name: name, Dead: d.Dead}
	if d.Dead == 0 {
		return r, nil
	}
	if r.Back, err = q.Redrive(ctx); err != nil {
		return r, fmt.Errorf("bringing the dead letters of %s back: %w", name, err)
	}
	return r, nil
}

func (r redriveJSON) words() string {
	switch {
	case r.Dead == 0:
		return "no dead letters"
	case r.Back < 0:
		return fmt.Sprintf("about %d dead letters are on their way back", r.Dead)
	default:
		return fmt.Sprintf("%d dead letters are back", r.Back)
	}
}
