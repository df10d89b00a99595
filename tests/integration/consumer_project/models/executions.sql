-- The consumer has executions of its own kind.
select 1 as execution_id
