import type { OpenAPIObject } from '@nestjs/swagger';

// @nestjs/swagger exports the document's type alone; these are its parts.
type Components = NonNullable<OpenAPIObject['components']>;
type Resolved<T> = Exclude<T, ReferenceObject>;

export interface ReferenceObject {
  $ref: string;
}
export type DocumentObject = OpenAPIObject;
export type PathsObject = OpenAPIObject['paths'];
export type OperationObject = NonNullable<PathsObject[string]['get']>;
export type SchemaObject = Resolved<NonNullable<Components['schemas']>[string]>;
export type ResponseObject = Resolved<NonNullable<Components['responses']>[string]>;
export type HeaderObject = Resolved<NonNullable<Components['headers']>[string]>;
export type ParameterObject = Resolved<NonNullable<Components['parameters']>[string]>;
