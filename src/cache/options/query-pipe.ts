import { type Type, ValidationPipe } from '@nestjs/common';

/** Validates the query string of a cached handler. Needs class-validator and class-transformer, like Nest's pipe itself. */
export class QueryPipe {
  private own: ValidationPipe | undefined;

  /** @param pipes the application's global ones */
  constructor(private readonly pipes: () => readonly object[]) {}

  /** Whether a global pipe of the application's validates the same query string once more, for the handler. */
  get isApplications(): boolean {
    return this.given() !== undefined;
  }

  async validate(dto: new () => object, query: unknown): Promise<object> {
    const pipe =
      this.given() ?? (this.own ??= new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
    return (await pipe.transform(query, { type: 'query', metatype: dto as Type })) as object;
  }

  private given(): ValidationPipe | undefined {
    return this.pipes().find((pipe) => pipe instanceof ValidationPipe);
  }
}
