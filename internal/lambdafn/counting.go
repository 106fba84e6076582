package lambdafn

import (
	"context"
	"log/slog"

	"griot/internal/metric"
)

// namespace is that of griot's own metrics in CloudWatch.
const namespace = "griot"

// counting is a logger's handler that makes metrics of the counted numbers of
// an event, by CloudWatch's embedded metric format: a member _aws beside them.
// They are told apart by the function alone; what each other value makes is paid
// for as a metric of its own.
type counting struct {
	slog.Handler
	function string
}

type (
	embedded struct {
		Timestamp  int64       // ms
		Directives []directive `json:"CloudWatchMetrics"`
	}
	directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []unit
	}
	unit struct{ Name, Unit string }
)

const dimension = "FunctionName"

func (c counting) Handle(ctx context.Context, r slog.Record) error {
	var counted []unit
	r.Attrs(func(a slog.Attr) bool {
		if _, ok := a.Value.Any().(metric.Counted); ok {
			counted = append(counted, unit{a.Key, "Count"})
		}
		return true
	})
	if len(counted) > 0 {
		r = r.Clone()
		r.AddAttrs(slog.String(dimension, c.function), slog.Any("_aws", embedded{
			Timestamp:  r.Time.UnixMilli(),
			Directives: []directive{{namespace, [][]string{{dimension}}, counted}},
		}))
	}
	return c.Handler.Handle(ctx, r)
}

func (c counting) WithAttrs(attrs []slog.Attr) slog.Handler {
	return counting{c.Handler.WithAttrs(attrs), c.function}
}

func (c counting) WithGroup(name string) slog.Handler {
	return counting{c.Handler.WithGroup(name), c.function}
}
