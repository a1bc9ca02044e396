import { Check, Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/**
 * One row of `products`. The migration makes the table and its indexes; the service reads and writes rows with SQL
 * of its own, and this class gives access to TypeORM's repositories.
 */
@Entity('products')
@Check('products_stock_not_negative', 'stock >= 0')
export class Product {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id: number;

  @Index('products_name_key', { unique: true })
  @Column({ type: 'varchar', length: 255, collation: 'C' })
  name: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  /** A decimal of at most ten digits before the point: a double holds each of them exactly. */
  @Column({
    type: 'numeric',
    precision: 12,
    scale: 2,
    transformer: { to: (value: number) => value, from: (text: string) => Number(text) },
  })
  price: number;

  @Column({ type: 'varchar', length: 100 })
  category: string;

  @Column({ type: 'integer', default: 0 })
  stock: number;

  /** 1, and one more with each change; a trigger counts, for every client that writes. */
  @Column({ type: 'integer', default: 1, insert: false, update: false })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => 'now()', update: false })
  createdAt: Date;

  /** null until the first change; a trigger sets it. */
  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, nullable: true, insert: false, update: false })
  updatedAt: Date | null;
}
