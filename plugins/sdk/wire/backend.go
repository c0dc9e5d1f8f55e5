package wire

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/assay-dev/assay/plugins/sdk/model"
	backendv1 "github.com/assay-dev/assay/plugins/sdk/proto/backend/v1"
)

// ServeBackend is a backend as a plugin offers it, by version.
func ServeBackend(b model.Backend) map[int]plugin.PluginSet {
	return set(Backend, &Plugin{Serve: func(s grpc.ServiceRegistrar) {
		backendv1.RegisterBackendServer(s, &backendServer{backend: b})
	}})
}

type backendServer struct {
	backendv1.UnimplementedBackendServer
	backend model.Backend
}

func (s *backendServer) Describe(context.Context, *backendv1.DescribeRequest) (*backendv1.DescribeResponse, error) {
	return &backendv1.DescribeResponse{Identity: s.backend.Identity()}, nil
}

func (s *backendServer) Complete(ctx context.Context, r *backendv1.CompleteRequest) (*backendv1.CompleteResponse, error) {
	answer, err := s.backend.Complete(ctx, fromRequest(r))
	var why *model.Error
	switch {
	case err == nil:
		return &backendv1.CompleteResponse{Result: &backendv1.CompleteResponse_Answer{Answer: toAnswer(answer)}}, nil
	case errors.As(err, &why):
		return &backendv1.CompleteResponse{Result: &backendv1.CompleteResponse_Failure{Failure: toFailure(why)}}, nil
	case ctx.Err() != nil:
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	return nil, status.Error(codes.Unknown, err.Error())
}

func newBackendClient(c grpc.ClientConnInterface) *BackendClient {
	return &BackendClient{backendv1.NewBackendClient(c)}
}

// BackendClient asks a backend on the other side.
type BackendClient struct {
	rpc backendv1.BackendClient
}

// Identity asks what answers.
func (c *BackendClient) Identity(ctx context.Context) (string, error) {
	d, err := c.rpc.Describe(ctx, &backendv1.DescribeRequest{})
	return d.GetIdentity(), err
}

// Complete asks for an answer. An error that is no *model.Error is gRPC's.
func (c *BackendClient) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	in := toRequest(r)
	if size := proto.Size(in); size > MaxMessage {
		return model.Answer{}, model.Errorf(model.Refused, "the request has %d bytes, a plugin takes %d", size, MaxMessage)
	}
	out, err := c.rpc.Complete(ctx, in)
	if err != nil {
		return model.Answer{}, err
	}
	return fromResponse(out)
}

// fromResponse reads what a plugin wrote.
func fromResponse(r *backendv1.CompleteResponse) (model.Answer, error) {
	switch result := r.GetResult().(type) {
	case *backendv1.CompleteResponse_Answer:
		return fromAnswer(result.Answer), nil
	case *backendv1.CompleteResponse_Failure:
		return model.Answer{}, fromFailure(result.Failure)
	}
	return model.Answer{}, model.Errorf(model.Broken, "its response holds neither an answer nor a failure")
}
