package dynamo

import (
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

// errOvertaken is a renewal that found the item renewed by somebody else.
var errOvertaken = fmt.Errorf("writing over an expired item: %w", table.ErrConflict)

// refused decodes the row over which a condition failed, and adds the cost,
// which DynamoDB takes but does not tell. The row is nil when there is none.
func (w *writing) refused(op table.Op, row map[string]types.AttributeValue, factor float64) (table.Item, error) {
	old, size := table.Item{Key: op.Key}, 0
	if len(row) > 0 {
		var err error
		if old, err = decode(op.Key.Table, row); err != nil {
			return old, err
		}
		size = old.Size()
	}
	w.bill(op, size, factor)
	return old, nil
}

func (w *writing) bill(op table.Op, before int, factor float64) {
	if op.Kind == table.CheckOp {
		w.cost.ReadUnits += factor * table.ReadUnits(before, table.Consistent)
		return
	}
	after := table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
	w.cost.WriteUnits += factor * table.WriteUnits(before, after)
}

// live hides an expired item.
func (w *writing) live(item table.Item) table.Item {
	if expired(item, w.now) {
		return table.Item{Key: item.Key}
	}
	return item
}

// renewable reports whether an Update was refused only because an expired
// item is in its way: its own conditions would hold for an absent one.
func (w *writing) renewable(op table.Op, old table.Item) bool {
	if op.Kind != table.UpdateOp || !expired(old, w.now) {
		return false
	}
	for _, c := range op.If {
		if needsItem(c) {
			return false
		}
	}
	return true
}

// renewal is the Put that does to an expired item what the Update would have
// done to none.
func renewal(op table.Op) table.Op {
	attrs := make(table.Attrs, len(op.Attrs)+len(op.Add))
	maps.Copy(attrs, op.Attrs)
	for name, n := range op.Add {
		attrs[name] = n
	}
	return table.Op{Kind: table.PutOp, Key: op.Key, Attrs: attrs, If: []table.Cond{table.Absent()}, Again: op.Again}
}
