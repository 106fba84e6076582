package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

// Query implements [table.Store].
func (s *Store) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := q.Validate(); err != nil {
		return table.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return table.Page{}, err
	}
	out, err := s.client.Query(ctx, s.queryInput(ctx, q))
	if err != nil {
		return table.Page{}, failed(ctx, "reading a page", q.Table, err)
	}
	r := s.reading()
	var page table.Page
	for _, row := range out.Items {
		item, err := r.item(q.Table, row)
		if err != nil {
			return table.Page{}, err
		}
		if item.Found() {
			page.Items = append(page.Items, item)
		}
	}
	if last, ok := out.LastEvaluatedKey["sk"].(*types.AttributeValueMemberS); ok {
		page.Next = last.Value
	}
	r.report(ctx, out.ConsumedCapacity)
	return page, nil
}

func (s *Store) queryInput(ctx context.Context, q table.Query) *dynamodb.QueryInput {
	consistent, forward := bool(q.Consistency), !q.Reverse
	condition, values := keyCondition(q)
	in := &dynamodb.QueryInput{
		TableName:                 s.tableName(q.Table),
		KeyConditionExpression:    &condition,
		ExpressionAttributeValues: values,
		ConsistentRead:            &consistent,
		ScanIndexForward:          &forward,
		ReturnConsumedCapacity:    capacity(ctx),
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, table.MaxPage))) // an item has a byte and more
	}
	if q.After != "" {
		in.ExclusiveStartKey = encodeKey(table.Key{PK: q.PK, SK: q.After})
	}
	return in
}

func keyCondition(q table.Query) (string, map[string]types.AttributeValue) {
	values := map[string]types.AttributeValue{":pk": text(q.PK)}
	condition := "pk = :pk"
	for name, bound := range map[string]string{":prefix": q.Prefix, ":from": q.From, ":to": q.To} {
		if bound != "" {
			values[name] = text(bound)
		}
	}
	switch {
	case q.Prefix != "":
		condition += " AND begins_with(sk, :prefix)"
	case q.From != "" && q.To != "":
		condition += " AND sk BETWEEN :from AND :to"
	case q.From != "":
		condition += " AND sk >= :from"
	case q.To != "":
		condition += " AND sk <= :to"
	}
	return condition, values
}
