package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"libsac/sac"
)

// An outcome is the result of a case.
type outcome struct {
	code     sac.Code
	message  string
	client   *sac.Client   // nil if it could not be made
	response *sac.Response // the head of a stream; nil if an earlier step was refused
	records  []sac.Record  // of a stream
	log      callbackLog
}

func (o *outcome) close() {
	o.client.Close()
}

// perform runs a case. It returns an error only if the suite fails; an error of the library is an outcome.
func perform(c *testCase, server string) (*outcome, error) {
	out := &outcome{}
	err := out.prepare(c, server)
	switch {
	case err != nil:
	case c.Request.Stream:
		err = out.readStream(&c.Request)
	default:
		out.response, err = call(out.client, &c.Request)
	}
	return out, out.setError(err)
}

// readStream reads all records of a stream. The error is that of its end.
func (o *outcome) readStream(r *request) error {
	ctx, cancel := r.context()
	defer cancel()
	stream, err := o.client.Stream(ctx, r.Method, r.Path, r.options()...)
	defer stream.Close()
	o.response = stream.Head
	for err == nil {
		var next sac.Record
		if next, err = stream.Next(); err == nil {
			o.records = append(o.records, next)
		}
	}
	if again, second := stream.Next(); second == nil {
		return fmt.Errorf("the stream has a record after its end: %v", again)
	}
	if err == io.EOF {
		return nil
	}
	return err
}

func (o *outcome) setError(err error) error {
	if err == nil {
		o.code = sac.OK
		return nil
	}
	var failed *sac.Error
	if !errors.As(err, &failed) {
		return err
	}
	o.code, o.message = failed.Code, failed.Message
	return nil
}

// prepare makes the client, and a clone if the case has one.
func (o *outcome) prepare(c *testCase, server string) error {
	url := server + "/" + c.Name + c.BasePath
	if c.BaseURL != nil {
		url = *c.BaseURL
	}
	client, err := sac.New(url)
	if err != nil {
		return err
	}
	o.client = client
	if err := setUp(client, c.Client, &o.log); err != nil || c.Clone == nil {
		return err
	}
	o.client, err = client.Clone()
	client.Close()
	if err != nil {
		return err
	}
	return setUp(o.client, c.Clone, &o.log)
}

// call sends the request.
func call(client *sac.Client, r *request) (*sac.Response, error) {
	ctx, cancel := r.context()
	defer cancel()
	switch r.Call {
	case "":
		return client.Do(ctx, r.Method, r.Path, r.options()...)
	case "get":
		return client.Get(ctx, r.Path)
	case "get_binary":
		return client.GetBinary(ctx, r.Path)
	case "delete":
		return client.Delete(ctx, r.Path)
	case "post_json":
		return client.Post(ctx, r.Path, r.value())
	case "put_json":
		return client.Put(ctx, r.Path, r.value())
	case "patch_json":
		return client.Patch(ctx, r.Path, r.value())
	case "post_form":
		return client.Do(ctx, "POST", r.Path, r.pairs()...) // PostForm would not keep the order
	}
	return nil, fmt.Errorf("unknown call %s", r.Call)
}

func (r *request) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	if r.Cancelled {
		cancel()
	}
	return ctx, cancel
}

// value returns the JSON to send; nil for none.
func (r *request) value() any {
	if r.JSON == nil {
		return nil
	}
	return json.RawMessage(*r.JSON)
}

func (r *request) pairs() []sac.RequestOption {
	var options []sac.RequestOption
	for _, pair := range r.Query {
		options = append(options, sac.Query(pair[0], pair[1]))
	}
	for _, pair := range r.Headers {
		options = append(options, sac.Header(pair[0], pair[1]))
	}
	for _, pair := range r.Form {
		options = append(options, sac.Form(pair[0], pair[1]))
	}
	return options
}

var kindsOfRecords = map[string]sac.RecordKind{
	"auto": sac.RecordsAuto, "events": sac.RecordsEvents, "lines": sac.RecordsLines, "array": sac.RecordsArray,
}

func (r *request) options() []sac.RequestOption {
	options := r.pairs()
	if r.JSON != nil {
		options = append(options, sac.JSON(r.value()))
	}
	if r.BodyBase64 != nil {
		options = append(options, sac.Body(r.ContentType, *r.BodyBase64))
	}
	if r.IdempotencyKey != nil {
		options = append(options, sac.IdempotencyKey(*r.IdempotencyKey))
	}
	if r.Records != nil {
		options = append(options, sac.Records(kindsOfRecords[*r.Records]))
	}
	if r.LastEventID != nil {
		options = append(options, sac.LastEventID(*r.LastEventID))
	}
	return append(options, r.requestSettings.options()...)
}
