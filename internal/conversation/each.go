package conversation

import (
	"context"
	"fmt"
	"iter"
	"time"

	"griot/internal/conversation/tally"
	"griot/internal/record"
	"griot/internal/table"
)

// Told is a conversation with all that an archive tells of it.
type Told struct {
	Conversation
	TitleFrom string    // what gave the title: the id of a memory, or GivenTitle, or NoTitle; "": older rows do not say
	EditedAt  time.Time // when a person changed it last; zero: never
}

// eachAtOnce is how many conversations Each reads before it yields them: what is
// deleted later than that may be among them.
const eachAtOnce = 100

// Each yields all conversations up to an id, oldest first, and reads them as they
// are consumed. An error ends it.
func (s *Service) Each(ctx context.Context, workspace, last string) iter.Seq2[Told, error] {
	q := table.Query{
		Table: table.Conversations, PK: tally.Key(record.In(workspace, "")).PK, To: last, Limit: eachAtOnce, Consistency: table.Consistent,
	}
	return func(yield func(Told, error) bool) {
		for rows, err := range table.Pages(ctx, s.Table, q) {
			var found []Told
			if err == nil {
				found, err = s.told(ctx, workspace, rows)
			}
			if err != nil {
				yield(Told{}, fmt.Errorf("walking conversations: %w", err))
				return
			}
			for _, c := range found {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// told returns the conversations of tallies that follow each other.
func (s *Service) told(ctx context.Context, workspace string, rows []table.Item) ([]Told, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	infos, err := s.infos(ctx, workspace, rows[0].SK, rows[len(rows)-1].SK)
	if err != nil {
		return nil, err
	}
	var out []Told
	for _, row := range rows {
		t, ok, err := s.Tallies().Whole(ctx, workspace, row)
		if err != nil {
			return nil, err
		}
		if i, named := infos[row.SK]; ok && named { // else it was deleted in between
			out = append(out, Told{Conversation: build(row.SK, i, t), TitleFrom: i.titled, EditedAt: i.edited})
		}
	}
	return out, nil
}

// infos reads what conversations are called whose ids lie between two.
func (s *Service) infos(ctx context.Context, workspace, first, last string) (map[string]Info, error) {
	infos := map[string]Info{}
	for item, err := range table.All(ctx, s.Table, table.Query{
		Table: table.Conversations, PK: InfoKey(record.In(workspace, "")).PK, From: first, To: last, Consistency: table.Consistent,
	}) {
		if err != nil {
			return nil, fmt.Errorf("reading what conversations are called: %w", err)
		}
		infos[item.SK] = ReadInfo(item)
	}
	return infos, nil
}
