package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"libsac/sac"
)

// An outcome is what came of a case.
type outcome struct {
	code     sac.Code
	message  string
	client   *sac.Client   // nil where it could not be made
	response *sac.Response // nil where a step before the sending was refused
	seen     witness
}

func (o *outcome) close() {
	o.client.Close()
}

// perform does what a case says. An error is one of the suite: what the library refuses is an outcome.
func perform(c *testCase, server string) (*outcome, error) {
	out := &outcome{}
	err := out.prepare(c, server)
	if err == nil {
		out.response, err = call(out.client, &c.Request)
	}
	return out, out.take(err)
}

func (o *outcome) take(err error) error {
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

// prepare makes the client, and goes on with its clone where there is to be one.
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
	if err := setUp(client, c.Client, &o.seen); err != nil || c.Clone == nil {
		return err
	}
	o.client, err = client.Clone()
	client.Close()
	if err != nil {
		return err
	}
	return setUp(o.client, c.Clone, &o.seen)
}

// call sends the request.
func call(client *sac.Client, r *request) (*sac.Response, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if r.Cancelled {
		cancel()
	}
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
		return client.Do(ctx, "POST", r.Path, r.pairs()...) // in order, which PostForm does not keep
	}
	return nil, fmt.Errorf("there is no call %s", r.Call)
}

// value is the JSON to send; nil for none.
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

func (r *request) options() []sac.RequestOption {
	options := r.pairs()
	if r.JSON != nil {
		options = append(options, sac.JSON(r.value()))
	}
	if r.BodyBase64 != nil {
		options = append(options, sac.Body(r.ContentType, *r.BodyBase64))
	}
	set(&options, r.IdempotencyKey, sac.IdempotencyKey)
	set(&options, r.TimeoutMS, span(sac.Timeout))
	set(&options, r.ConnectMS, span(sac.ConnectTimeout))
	set(&options, r.ReadMS, span(sac.ReadTimeout))
	set(&options, r.DeadlineMS, span(sac.Deadline))
	set(&options, r.MaxBodyBytes, sac.MaxBody)
	set(&options, r.RetryAttempts, sac.Retries)
	set(&options, r.Redirects, sac.Redirects)
	set(&options, r.Verify, sac.Verify)
	set(&options, r.KeepAlive, sac.KeepAlive)
	set(&options, r.RetryStatuses, func(all []int) sac.RequestOption { return sac.RetryStatuses(all...) })
	set(&options, r.BackoffMS, func(span [2]int64) sac.RequestOption {
		return sac.Backoff(time.Duration(span[0])*time.Millisecond, time.Duration(span[1])*time.Millisecond)
	})
	return options
}

// set adds an option where there is something to set.
func set[T any](options *[]sac.RequestOption, given *T, option func(T) sac.RequestOption) {
	if given != nil {
		*options = append(*options, option(*given))
	}
}

func span(option func(time.Duration) sac.RequestOption) func(int64) sac.RequestOption {
	return func(ms int64) sac.RequestOption { return option(time.Duration(ms) * time.Millisecond) }
}
