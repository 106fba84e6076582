package dynamo

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func encodeKey(key table.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": text(key.PK), "sk": text(key.SK)}
}

func encodeItem(key table.Key, attrs table.Attrs) map[string]types.AttributeValue {
	row := make(map[string]types.AttributeValue, len(attrs)+2)
	row["pk"], row["sk"] = text(key.PK), text(key.SK)
	for name, value := range attrs {
		row[name] = encode(value)
	}
	return row
}

// encode takes what validation lets through.
func encode(value any) types.AttributeValue {
	switch v := value.(type) {
	case string:
		return text(v)
	case int64:
		return number(v)
	}
	b, _ := value.([]byte)
	return &types.AttributeValueMemberB{Value: append([]byte{}, b...)} // nil would be no value at all
}

// decode returns a row with everything in it. It has Attrs, if only empty
// ones.
func decode(name table.Name, row map[string]types.AttributeValue) (table.Item, error) {
	item := table.Item{Key: table.Key{Table: name}, Attrs: make(table.Attrs, len(row))}
	for attr, value := range row {
		v, err := decodeValue(value)
		if err != nil {
			return table.Item{}, fmt.Errorf("attribute %q of a row: %w", attr, err)
		}
		item.Attrs[attr] = v
	}
	item.PK, item.SK = item.Str("pk"), item.Str("sk")
	delete(item.Attrs, "pk")
	delete(item.Attrs, "sk")
	return item, nil
}

func decodeValue(value types.AttributeValue) (any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value, nil
	case *types.AttributeValueMemberN:
		return strconv.ParseInt(v.Value, 10, 64)
	case *types.AttributeValueMemberB:
		if v.Value == nil {
			return []byte{}, nil
		}
		return v.Value, nil
	}
	return nil, fmt.Errorf("is a %T, which griot does not write", value)
}
