import { problemResponses } from '../../openapi/responses.js';

export const PRODUCT_RESPONSES = problemResponses({
  'not-found': {
    description: 'No such product. Cached for the short TTL, and invalidated when the product is created.',
    headers: ['Cache-Status', 'Age'],
    example: { title: 'Not Found', detail: 'There is no product 4711.' },
  },
  'already-taken': {
    description: 'Another product has this name.',
    example: { title: 'Conflict', detail: 'This name is taken.', field: 'name', message: 'is taken' },
  },
  'precondition-failed': {
    description: 'The product is not what `If-Match` names.',
    example: { title: 'Precondition Failed', detail: 'The product has changed; its ETag is not one of If-Match.' },
  },
});
