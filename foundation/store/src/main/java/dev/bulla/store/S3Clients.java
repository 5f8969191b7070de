package dev.bulla.store;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFileSupplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * The SDK's client as Bulla uses it.
 *
 * <p>Credentials come from where the SDK always looks: environment, profile files, the identity of
 * the workload. Checksums are sent only where S3 demands them: many servers refuse the trailing
 * ones that the SDK adds by itself, and all content is verified by its digest anyway; over plain
 * HTTP its hash is part of the signature, over HTTPS the connection protects it.
 */
final class S3Clients {
  /** Servers of others care for no region, but the signature needs one. */
  private static final Region ANY = Region.US_EAST_1;

  private S3Clients() {}

  /**
   * Where the SDK always looks. Left to itself it reads profile files once, and a session that some
   * program renews there would end with its first token.
   */
  static AwsCredentialsProvider credentials() {
    return DefaultCredentialsProvider.builder()
        .profileFile(ProfileFileSupplier.defaultSupplier())
        .build();
  }

  static S3Client of(S3Location location, S3Patience patience, AwsCredentialsProvider credentials) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(patience.connect())
                    .socketTimeout(patience.answer()))
            .credentialsProvider(credentials)
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(
                S3Configuration.builder().pathStyleAccessEnabled(location.pathStyle()).build())
            .overrideConfiguration(c ->
                c.addExecutionInterceptor(new NoExpectation())
                    .addExecutionInterceptor(new OwnPace())
                    .retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                            .maxAttempts(patience.attempts())
                            .retryOnException(S3Faults::isChangedOnTheWay)
                            .backoffStrategy(
                                BackoffStrategy.exponentialDelay(
                                    patience.pause(), patience.pause().multipliedBy(50)))
                            .throttlingBackoffStrategy(
                                BackoffStrategy.exponentialDelay(
                                    patience.pause().multipliedBy(5),
                                    patience.pause().multipliedBy(100)))
                            .build()));
    location.endpoint().ifPresent(builder::endpointOverride);
    location
        .region()
        .map(Region::of)
        .or(() -> location.endpoint().map(own -> ANY))
        .ifPresent(builder::region);
    return builder.build();
  }

  /**
   * The SDK asks before each body whether it may send it; the JDK then waits seconds for servers
   * that do not answer the question.
   */
  private static final class NoExpectation implements ExecutionInterceptor {
    @Override
    public SdkHttpRequest modifyHttpRequest(
        Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
      return context.httpRequest().toBuilder().removeHeader("Expect").build();
    }
  }

  /**
   * How long to wait is decided here: the SDK would sleep for as long as a server says, an hour
   * too, while a client and its lock wait.
   */
  private static final class OwnPace implements ExecutionInterceptor {
    @Override
    public SdkHttpResponse modifyHttpResponse(
        Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
      return context.httpResponse().firstMatchingHeader("Retry-After").isPresent()
          ? context.httpResponse().toBuilder().removeHeader("Retry-After").build()
          : context.httpResponse();
    }
  }
}
